print("gradient:", tape.gradient(total, X).numpy().tolist())
