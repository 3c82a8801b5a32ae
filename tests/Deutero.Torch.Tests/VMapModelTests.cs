using static Deutero.Torch.Tests.Numbers;

namespace Deutero.Torch.Tests;

/// <summary>The layers of the field's models under VMap, against a loop over the tasks.</summary>
public sealed class VMapModelTests
{
    private const int Tasks = 3;

    private static readonly Dictionary<string, Func<Parameters, Tensor, Tensor>> s_models = new()
    {
        ["conv2d"] = (p, x) => Tensor.Conv2d(x, p["kernel"], p["scale"], stride: [2, 2], padding: [1, 1]),
        ["batch_norm"] = (p, x) => Tensor.BatchNorm(x, p["scale"].Narrow(0, 0, 2), p["scale"].Narrow(0, 1, 2), null, null, true, 0.1, 1e-5, false),
        ["max_pool2d"] = (p, x) => (x * p["scale"].Sum()).MaxPool2d([2, 2]),
        ["log_softmax"] = (p, x) => (x.Flatten(1) * p["scale"].Sum()).LogSoftmax(1),
        ["layer_norm"] = (p, x) => Tensor.LayerNorm(x * p["scale"].Sum(), [6]),
        ["cross_entropy"] = (p, x) => (x.Mean([2, 3]) * p["scale"].Narrow(0, 0, 2)).CrossEntropyLoss(Tensor.From<long>([0, 1, 0, 1])).Unsqueeze(0),
        ["conv4_block"] = (p, x) => Tensor.BatchNorm(Tensor.Conv2d(x, p["kernel"], p["scale"], padding: [1, 1]), p["scale"], p["scale"].Sin(), null, null, true, 0.1, 1e-5, false)
            .Relu().MaxPool2d([2, 2]).Flatten(1).LogSoftmax(1),
    };

    public static TheoryData<string> Models => [.. s_models.Keys];

    [Theory]
    [MemberData(nameof(Models))]
    public void Gradients_of_a_batch_of_tasks_equal_a_loop(string name)
    {
        using var scope = new TensorScope();
        var batch = Batch();

        var together = Transforms.VMap(task => Transforms.Grad(p => Loss(name, p, task["x"]), Weights(task)), batch);

        Close(Loop(batch, task => Transforms.Grad(p => Loss(name, p, task["x"]), Weights(task))), together, 1e-10);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Gradients_through_an_inner_step_equal_a_loop(string name)
    {
        using var scope = new TensorScope();
        var batch = Batch();
        Parameters MetaGradient(Parameters task) => Transforms.Grad(
            theta => Loss(name, theta - (0.1 * Transforms.Grad(p => Loss(name, p, task["x"]), theta)), task["x"].Flip([0])), Weights(task));

        Close(Loop(batch, MetaGradient), Transforms.VMap(MetaGradient, batch), 1e-10);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_gradient_of_shared_weights_is_the_mean_over_the_tasks(string name)
    {
        using var scope = new TensorScope();
        var batch = Batch();
        var theta = Weights(batch).Map(leaf => leaf[0]);

        var shared = Transforms.Grad(p => Transforms.VMap(x => Loss(name, p, x), batch["x"]).Mean(), theta);

        var mean = Loop(batch, task => Transforms.Grad(p => Loss(name, p, task["x"]), theta)).Map(leaf => leaf.Mean([0]));
        Close(mean, shared, 1e-10);
    }

    private static Tensor Loss(string name, Parameters parameters, Tensor x)
    {
        var output = s_models[name](parameters, x);
        return (output * Tensor.Arange(1, output.Count + 1, dtype: DType.Float64).Sin().Reshape([.. output.Shape])).Sum();
    }

    private static Parameters Weights(Parameters task) => task.Where(name => name != "x");

    private static Parameters Batch() => [new("kernel", Normal(1, Tasks, 3, 2, 3, 3)), new("scale", Normal(2, Tasks, 3)), new("x", Normal(3, Tasks, 4, 2, 6, 6))];

    private static Parameters Loop(Parameters batch, Func<Parameters, Parameters> function)
    {
        var results = Enumerable.Range(0, Tasks).Select(task => function(batch.Map(leaf => leaf[task]))).ToArray();
        return results[0].Map((name, _) => Tensor.Stack([.. results.Select(result => result[name])]));
    }
}
