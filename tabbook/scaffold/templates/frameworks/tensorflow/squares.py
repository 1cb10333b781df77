import tensorflow as tf

X = tf.Variable([1.0, 2.0, 3.0])
with tf.GradientTape() as tape:
    total = tf.reduce_sum(X**2)
print("sum of squares:", float(total))
