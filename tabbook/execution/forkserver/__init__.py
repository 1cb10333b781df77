"""Fork kernels from a process that has imported their framework."""
