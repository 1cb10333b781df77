import jax
from jax import numpy as jnp


def total(X):
    return (X**2).sum()


X = jnp.array([1.0, 2.0, 3.0])
print("sum of squares:", float(total(X)))
