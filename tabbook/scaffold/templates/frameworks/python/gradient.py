eps = 1e-6
steps = eps * np.eye(3)
grad = [float(((X + h) ** 2 - (X - h) ** 2).sum() / (2 * eps)) for h in steps]
print("gradient:", [round(g, 3) for g in grad])
