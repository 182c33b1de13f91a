"""The pages of operations: no images, and of patients no more than accession numbers."""
