namespace Deutero.Models;

/// <summary>What of a graph's nodes its features are.</summary>
public enum GraphReadout
{
    /// <summary>Of each layer the mean and the largest value over nodes, one after the other.</summary>
    Layers,

    /// <summary>
    /// The mean over nodes of the last layer. With L layers a node of the last one knows its neighbourhood of L hops and nothing beyond, so that a graph is the mean of the local
    /// subgraphs around its nodes.
    /// </summary>
    Neighbourhoods,

    /// <summary>The first node in the last layer, where a graph is the neighbourhood of this node.</summary>
    Centre,
}
