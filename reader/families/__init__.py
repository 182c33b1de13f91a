"""The families of models in words, one file each; their weights are `reader.weights`' affair."""
