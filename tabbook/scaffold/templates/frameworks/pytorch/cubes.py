import torch

X = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
(X**3).sum().backward()
print("gradient:", X.grad.tolist())
