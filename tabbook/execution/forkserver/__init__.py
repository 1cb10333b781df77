"""Fork kernels from a process that has already imported their framework.

A framework takes seconds to import and a fork takes hundredths of a second. Per
environment one fork server imports the framework once and forks a process per request
(``__main__``, ``server``, ``safety``, ``imports``, ``child``: these run in the fork
server and use only the standard library). The engine starts fork servers (``servers``),
requests processes (``client``) and offers both to jupyter_client (``kernels``,
``provisioner``).

Why not ``multiprocessing.forkserver``: it forks workers of the calling program. Its
server runs the caller's interpreter, is one per process, and its children unpickle a
function and keep the server's environment variables, working directory and standard
streams. Here each framework has an interpreter and an environment of its own, and a
child has to equal a fresh ``python -m MODULE``: other arguments, variables, working
directory and streams, the module run as ``__main__`` at the same depth of calls. A
child is used like a ``subprocess.Popen`` (pid, exit status, signals to its process
group), because jupyter_client does so. The server is a subreaper and holds one end of
a pipe to its owner, so nothing outlives an owner that is killed. And it refuses to fork
where a child would differ from a fresh process, instead of failing later.
"""
