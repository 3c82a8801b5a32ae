namespace Deutero.Models;

/// <summary>A model whose features are maps, which it returns flattened: learners that compare places rather than images can shape them back.</summary>
public interface IFeatureMaps : IModel
{
    /// <summary>The channels, height and width of the features of one input, whose product is their number.</summary>
    (int Channels, int Height, int Width) MapShape { get; }
}
