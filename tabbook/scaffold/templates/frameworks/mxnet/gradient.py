total.backward()
print("gradient:", X.grad.tolist())
