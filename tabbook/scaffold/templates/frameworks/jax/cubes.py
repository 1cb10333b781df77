import jax
from jax import numpy as jnp

grad = jax.grad(lambda X: (X**3).sum())
print("gradient:", grad(jnp.array([1.0, 2.0, 3.0])).tolist())
