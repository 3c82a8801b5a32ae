namespace Deutero.Models;

/// <summary>How a convolutional block halves the height and width.</summary>
public enum Downsampling
{
    /// <summary>2x2 max-pooling after the non-linearity; odd last rows and columns are dropped.</summary>
    MaxPool,

    /// <summary>Stride 2 in the convolution; the features are the spatial mean. MAML's network for Omniglot.</summary>
    Stride,
}
