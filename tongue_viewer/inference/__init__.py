"""From a photo to a probability: the models that are there, the engines that run them, the predictor."""
