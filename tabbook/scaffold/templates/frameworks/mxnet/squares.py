from mxnet import autograd, np, npx

npx.set_np()
X = np.array([1.0, 2.0, 3.0])
X.attach_grad()
with autograd.record():
    total = (X**2).sum()
print("sum of squares:", float(total))
