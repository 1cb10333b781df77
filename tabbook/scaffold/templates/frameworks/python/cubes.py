import numpy as np

X, eps = np.array([1.0, 2.0, 3.0]), 1e-6
steps = eps * np.eye(3)
grad = [float(((X + h) ** 3 - (X - h) ** 3).sum() / (2 * eps)) for h in steps]
print("gradient:", [round(g, 3) for g in grad])
