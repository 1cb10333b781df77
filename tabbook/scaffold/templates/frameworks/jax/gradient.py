print("gradient:", jax.grad(total)(X).tolist())
