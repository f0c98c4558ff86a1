"""What the program does, as generators without Qt: `CancelToken` in, frozen events out."""
