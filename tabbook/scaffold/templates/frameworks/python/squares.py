import numpy as np

X = np.array([1.0, 2.0, 3.0])
print("sum of squares:", float((X**2).sum()))
