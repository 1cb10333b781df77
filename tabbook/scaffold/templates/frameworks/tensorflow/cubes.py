import tensorflow as tf

X = tf.Variable([1.0, 2.0, 3.0])
with tf.GradientTape() as tape:
    total = tf.reduce_sum(X**3)
print("gradient:", tape.gradient(total, X).numpy().tolist())
