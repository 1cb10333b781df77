from matplotlib import pyplot as plt

xs = [i / 10 for i in range(-30, 31)]
plt.figure(figsize=(4, 2.5))
plt.plot(xs, [x**2 for x in xs])
plt.xlabel("x")
plt.ylabel("x squared");
