using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Learners;
using Deutero.Tests.Tasks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Tests.Models;

public sealed class TextAndGraphModelTests
{
    [Fact]
    public void Untrained_text_encoder_gives_the_bag_its_projection_and_the_weighted_mean_of_the_vectors()
    {
        using var scope = new TensorScope();
        var model = (TextEncoder)new TextEncoder { Buckets = 4, Dimensions = 2, Width = 3, WordScale = 2 }.WithShape([4 + (2 * 3)], 0);
        Assert.Equal((2, 4 + 3 + 2 + 3), (model.Words, model.OutputWidth));
        var theta = model.Init(Generator.Seed(1));

        // Two words with rarities 1 and 3 and the vectors (1, 0) and (0, 1): their weighted sum is (1, 3).
        float[] text = [0.5f, 0, -0.5f, 0, 1, 1, 0, 3, 0, 1];
        var features = model.Forward(theta, Tensor.From(text, [1, 10])).ToArray<float>();
        Assert.Equal([0.5f, 0, -0.5f, 0], features[..4]);
        Assert.Equal(0.25, features[4..7].Sum(value => value * value), 1e-5); // the embedding's scale is 0.5
        Assert.Equal(2 / Math.Sqrt(10), features[7], 1e-5);
        Assert.Equal(6 / Math.Sqrt(10), features[8], 1e-5);
        Assert.Equal(4, features[9..].Sum(value => value * value), 1e-4);
    }

    [Fact]
    public void Order_of_words_and_padding_change_nothing()
    {
        using var scope = new TensorScope();
        IModel Model(int words) => new TextEncoder { Buckets = 4, Dimensions = 2, Width = 3 }.WithShape([4 + (words * 3)], 0);
        var theta = Model(2).Init(Generator.Seed(1)).Map((name, leaf) => name == "gate.out" ? leaf + 0.3 : leaf);
        float[] bag = [1, 0, 0, 0], first = [1, 0.2f, -0.4f], second = [2, 0.6f, 0.1f];
        var one = Model(2).Forward(theta, Tensor.From<float>([.. bag, .. first, .. second], [1, 10]));
        var other = Model(3).Forward(theta, Tensor.From<float>([.. bag, .. second, .. first, 0, 0, 0], [1, 13]));
        Assert.True(one.Allclose(other, 1e-5, 1e-6));
    }

    [Fact]
    public void Text_encoder_refuses_items_of_another_shape() =>
        Assert.Contains("cannot take items of shape [1, 28, 28]", Assert.Throws<ArgumentException>(() => new TextEncoder().WithShape([1, 28, 28], 5)).Message, StringComparison.Ordinal);

    [Fact]
    public void Graph_network_sees_the_same_graph_in_any_order_of_nodes_and_with_any_padding()
    {
        using var scope = new TensorScope();
        var theta = new Gin { Nodes = 3, NodeFeatures = 2, Width = 5 }.Init(Generator.Seed(1));
        Tensor Features(int nodes, int[] order)
        {
            // A path of three nodes with the features 1, 2 and 3.
            (int From, int To)[] bonds = [(0, 1), (1, 0), (1, 2), (2, 1)];
            var values = new float[nodes * (nodes + 2)];
            foreach (var (from, to) in bonds)
            {
                values[(order[from] * (nodes + 2)) + order[to]] = 1;
            }

            for (var node = 0; node < 3; node++)
            {
                values[(order[node] * (nodes + 2)) + nodes] = node + 1;
                values[(order[node] * (nodes + 2)) + nodes + 1] = 1;
            }

            IModel model = new Gin { Width = 5 }.WithShape([nodes, nodes + 2], 0);
            return model.Forward(theta, Tensor.From(values, [1, nodes, nodes + 2]));
        }

        Assert.Equal([1L, 2 * 5 * 4], Features(3, [0, 1, 2]).Shape);
        Assert.True(Features(3, [0, 1, 2]).Allclose(Features(3, [2, 0, 1]), 1e-5, 1e-6));
        Assert.True(Features(3, [0, 1, 2]).Allclose(Features(6, [4, 0, 2]), 1e-5, 1e-6));
    }

    [Fact]
    public void Graph_network_layer_is_that_of_its_equation()
    {
        using var scope = new TensorScope();
        var model = new Gin { Nodes = 2, NodeFeatures = 1, Width = 1, Layers = 1 };
        var theta = model.Init(Generator.Seed(1)).Map((name, leaf) => name.EndsWith("weight", StringComparison.Ordinal) ? leaf.OnesLike() : name.EndsWith("epsilon", StringComparison.Ordinal) ? leaf + 0.5 : leaf);

        // Two bonded nodes with the feature 1: H0 = 1, H1 = 1.5 · 1 + 1 = 2.5; the mean and the largest value of each.
        float[] graph = [0, 1, 1, 1, 0, 1];
        Assert.Equal([1f, 1, 2.5f, 2.5f], model.Forward(theta, Tensor.From(graph, [1, 2, 3])).ToArray<float>().Select(value => MathF.Round(value, 4)));
    }

    // A path of six nodes, the first of which is the centre: a bond beyond two hops changes nothing, one within does, and the ball of two hops is all that counts.
    [Fact]
    public void Centre_of_a_graph_network_of_two_layers_knows_its_neighbourhood_of_two_hops_alone()
    {
        using var scope = new TensorScope();
        var theta = Local(GraphReadout.Centre, 6).Init(Generator.Seed(1)).To(DType.Float64);
        double[] Centre(int nodes, params (int, int)[] bonds) => Local(GraphReadout.Centre, nodes).Forward(theta, Graph(nodes, bonds)).ToArray<double>();
        var path = Centre(6, (0, 1), (1, 2), (2, 3), (3, 4), (4, 5));
        Assert.Equal(path, Centre(6, (0, 1), (1, 2), (2, 3), (3, 5), (4, 5)));
        Assert.NotEqual(path, Centre(6, (0, 1), (1, 3), (2, 3), (3, 4), (4, 5)));
        MamlTests.AssertClose(path, Centre(3, (0, 1), (1, 2)), 1e-12);
    }

    [Fact]
    public void Graph_is_the_mean_of_the_subgraphs_around_its_nodes_in_any_order_and_batch()
    {
        using var scope = new TensorScope();
        var theta = Local(GraphReadout.Centre, 4).Init(Generator.Seed(1)).To(DType.Float64);
        (int, int)[] bonds = [(0, 1), (1, 2), (1, 3)];
        Tensor Whole(Tensor graph) => Local(GraphReadout.Neighbourhoods, 4).Forward(theta, graph);
        var mean = Enumerable.Range(0, 4).Select(centre => Local(GraphReadout.Centre, 4).Forward(theta, Reordered(Graph(4, bonds), centre))).Aggregate((sum, next) => sum + next) / 4;
        MamlTests.AssertClose(mean.ToArray<double>(), Whole(Graph(4, bonds)).ToArray<double>(), 1e-6);
        MamlTests.AssertClose(mean.ToArray<double>(), Whole(Reordered(Graph(4, bonds), 2)).ToArray<double>(), 1e-6);
        var together = Whole(Tensor.Cat([Graph(4, (0, 2)), Graph(4, bonds)]));
        MamlTests.AssertClose(Whole(Graph(4, bonds)).ToArray<double>(), together[1..2].ToArray<double>(), 1e-12);
    }

    // What the Weisfeiler and Lehman test cannot tell apart: every node has two neighbours like itself.
    [Fact]
    public void A_ring_of_six_and_two_triangles_are_the_same_to_a_graph_network()
    {
        using var scope = new TensorScope();
        var theta = Local(GraphReadout.Neighbourhoods, 6).Init(Generator.Seed(1)).To(DType.Float64);
        double[] Features(params (int, int)[] bonds) => Local(GraphReadout.Neighbourhoods, 6).Forward(theta, Graph(6, bonds, alike: true)).ToArray<double>();
        MamlTests.AssertClose(Features((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)), Features((0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)), 1e-12);
    }

    private static Gin Local(GraphReadout readout, int nodes) => new() { Nodes = nodes, NodeFeatures = 2, Width = 5, Layers = 2, Readout = readout };

    // [1, nodes, nodes + 2]: node i has the feature i + 1, or all have 1.
    private static Tensor Graph(int nodes, (int, int)[] bonds, bool alike = false)
    {
        var values = new double[nodes * (nodes + 2)];
        foreach (var (from, to) in bonds)
        {
            (values[(from * (nodes + 2)) + to], values[(to * (nodes + 2)) + from]) = (1, 1);
        }

        for (var node = 0; node < nodes; node++)
        {
            (values[(node * (nodes + 2)) + nodes], values[(node * (nodes + 2)) + nodes + 1]) = (alike ? 1 : node + 1, 1);
        }

        return Tensor.From(values, 1, nodes, nodes + 2);
    }

    private static Tensor Graph(int nodes, params (int, int)[] bonds) => Graph(nodes, bonds, alike: false);

    // The same graph with another node first.
    private static Tensor Reordered(Tensor graph, int first)
    {
        var nodes = (int)graph.Size(1);
        long[] order = [first, .. Enumerable.Range(0, nodes).Where(node => node != first).Select(node => (long)node)];
        return graph.IndexSelect(1, Tensor.From(order)).IndexSelect(2, Tensor.From([.. order, nodes, nodes + 1]));
    }

    public static TheoryData<bool, IMetaLearner> Learners => new(
        from graphs in new[] { false, true } from learner in new IMetaLearner[] { new ProtoNet(), new R2d2(), new Maml(), new GMeta { Steps = 2 } } select (graphs, learner));

    [Theory]
    [MemberData(nameof(Learners))]
    public void Learners_have_the_same_meta_gradient_in_a_loop_and_vectorised(bool graphs, IMetaLearner learner)
    {
        using var scope = new TensorScope();
        var model = (graphs ? (IModel)new Gin { Width = 4, Layers = 2 } : new TextEncoder { Buckets = 8, Dimensions = 3, Width = 4 })
            .WithShape(graphs ? [4, 5] : [20], learner.HeadWidth(3));
        var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64);
        Examples Shaped(Examples examples) => examples with { Inputs = examples.Inputs.Abs().Reshape(graphs ? [-1, 4, 5] : [-1, 20]) };
        var episodes = Enumerable.Range(0, 2).Select(i => new Nuisance20(3, 2, 2).Sample(Generator.Seed(2).Derive(i)).To(DType.Float64))
            .Select(episode => episode with { Support = Shaped(episode.Support), Query = Shaped(episode.Query) }).ToArray();
        var loop = MetaBatch.Mean(learner, model, theta, episodes, Generator.Seed(3), Execution.Loop);
        var together = MetaBatch.Mean(learner, model, theta, episodes, Generator.Seed(3), Execution.Vectorised);
        Assert.All(loop.Direction.Leaves.Zip(together.Direction.Leaves), pair => Assert.True(pair.First.Allclose(pair.Second, 1e-6, 1e-9)));
    }
}
