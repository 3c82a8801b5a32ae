#:project ../src/Deutero.Data/Deutero.Data.csproj
#:property PublishAot=false

// Meta-trains prototypical networks on the built-in glyphs, judges them on scripts they have never seen, and adapts to one new task.
// dotnet run -c Release samples/first-episode.cs            (about a minute; with `-- --smoke` a few seconds, and worse figures)
using Deutero.Data;
using Deutero.Evaluation;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;
using Deutero.Training;

var smoke = args.Contains("--smoke");
var train = new FewShotClassification(Glyphs.Open("train", rotations: true), ways: 5, shots: 1, queries: 15);
var test = new FewShotClassification(Glyphs.Open("test"), ways: 5, shots: 1, queries: 15);

var learner = new ProtoNet();
var model = new Conv4 { Filters = 32 }.WithShape(train.ItemShape, learner.HeadWidth(train.Ways));
var training = new MetaTraining { Learner = learner, Model = model, Tasks = train, Settings = new() { Iterations = smoke ? 5 : 300 } };
var theta = training.Run(training.Start()).State.Theta;

var episodes = new FrozenEpisodes(test, Seed: 2026, Count: smoke ? 20 : 600);
var baseline = new Evaluator().Run(new NearestCentroid(), model, Parameters.Empty, episodes).Score;
var trained = new Evaluator().Run(learner, model, theta, episodes).Score;
Console.WriteLine($"pixels {100 * baseline.Mean:F1} ± {100 * baseline.HalfWidth:F1} %, ProtoNet {100 * trained.Mean:F1} ± {100 * trained.HalfWidth:F1} %");

using var random = Generator.Seed(7);
var task = test.Sample(random);
var predict = learner.Adapt(model, theta, task.Support, random).Predict; // from five images, one of each class
Console.WriteLine($"a new task: {100 * Evaluator.Accuracy(predict(task.Query.Inputs), task.Query.Targets):F0} % of {task.Query.Count} queries right");
