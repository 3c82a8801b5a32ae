namespace Deutero.Cli.Ledger;

/// <summary>What the pages of results say between the tables.</summary>
internal static class LedgerText
{
    internal const string Subtitle = "Made by 'deutero results' from the records of 'deutero reproduce'; not written by hand.";

    internal static IReadOnlyList<string> Introduction { get; } =
    [
        "Every figure here comes from a command that anybody can run. All are means over frozen test episodes of unseen classes or tasks, with a 95 % interval over "
        + "episodes; accuracies are in percent. Unless a record says otherwise, BatchNorm uses the statistics of the batch (transductive, the custom of the papers).",
        """
            deutero reproduce                                     # what can be reproduced
            deutero reproduce omniglot-protonet                   # train, or continue, and compare with the published figure
            deutero reproduce --benchmark omniglot --seeds 3      # all learners, three seeds each
            deutero reproduce --learner maml --budget 10          # as much of each training as fits ten minutes
            deutero results docs/results --markdown docs/results.md --html docs/results.html
        """.Replace("\r", "", StringComparison.Ordinal),
        "The verdict compares the mean over seeds with the bounds in 'wanted': reproduced, below or above them; 'not comparable' where no published figure applies. How "
        + "many seeds there are is said in each row, with the least and the greatest of their means; one seed is one training, and its interval does not "
        + "tell how much another training would differ. 'to ProtoNet' and 'to scratch' are differences to ProtoNet, and to training from scratch on the support set, paired on "
        + "identical episodes. What is missing from records of earlier versions is 'not recorded'. 'reproduce' ends with exit code 3 when a figure misses its bound.",
    ];

    /// <summary>The heading and the text of a benchmark.</summary>
    internal static (string Heading, string[] Text) Of(string benchmark) => benchmark switch
    {
        "sinusoid" => ("Sinusoid regression",
        [
            "Mean squared error on y = A sin(x - p) after some inner steps (Finn et al., ICML 2017). The bounds are 25 % above the reference and one-sided.",
        ]),
        "omniglot" => ("Omniglot",
        [
            "Vinyals' split with rotations, or, where a figure's name says so, a split of the characters by lot, as MAML's authors and those who followed them have: its test characters have "
            + "relatives of their alphabet in training, so that figures are higher; 1,000 test episodes. A training in stages, such as omniglot-maml, omniglot-maml-2 and omniglot-maml-3, starts each stage from the model of the "
            + "one before. The later stages of MAML were added after the test figure of the first was seen to miss its bound; within a stage the model is "
            + "chosen on validation classes alone. In Lake's 20 official one-shot runs people are right in 95.5 %, Bayesian Program Learning in 96.7 % and the Siamese convnet in 92.0 %.",
        ]),
        "tinyimagenet" => ("Tiny-ImageNet at 32x32",
        [
            "A table of our own: 61 classes for meta-training, 17 for validation, 20 for testing, split by high-level category; 600 test episodes, the same for every learner. "
            + "No published figure applies.",
        ]),
        "glyphs" => ("Glyphs",
        [
            "A table of our own on built-in glyphs of unseen scripts. Training from scratch, being slow, has the first 200 of the test episodes.",
        ]),
        "weather" => ("Daily temperatures",
        [
            "Few-shot regression on real curves: a task is a weather station of Canada that meta-training never saw, an example is the mean temperature of one day of "
            + "the year. Mean squared error in units of (10 °C)²: 0.14 is an error of 3.8 °C.",
        ]),
        "growth" => ("Growing children",
        [
            "Few-shot regression on real curves: a task is a child that meta-training never saw, an example is the height at one age between 1 and 18. Mean squared error in dm²: 0.01 "
            + "is an error of 1 cm.",
        ]),
        "gp" => ("Functions of a Gaussian process",
        [
            "Mean squared error at 15 inputs after ten points of a function with a squared-exponential kernel of length 0.4 and noise of deviation 0.05. The best that is possible is 0.138, "
            + "without any points 1.0025.",
        ]),
        "linear" => ("Linear regression in context",
        [
            "Mean squared error with five features, noise of deviation 0.5 and 20 points. Least squares errs by 0.339, ridge regression, the Bayes predictor, by 0.337.",
        ]),
        "tables" => ("Small tables",
        [
            "Accuracy on tables from a prior: classes are ranges of a random function of some of eight columns. No published figure applies.",
        ]),
        "intents" => ("Intents",
        [
            "What people want of an assistant, from their words, among intents that meta-training never saw: the mean of the five folds of Dopierre et al. (ACL 2021), 600 episodes each. Wanted is "
            + "five points more than the floor that is given with the data, of the nearest class mean of TF-IDF vectors (CLINC150 73.2 and 91.9, BANKING77 64.7 and 87.3, HWU64 57.9 and 81.3).",
        ]),
        "tox21" => ("Tox21", [Molecules]),
        "sider" => ("SIDER", [Molecules]),
        "metadataset" => ("Meta-Dataset's rules",
        [
            "Episodes of variable ways and shots by Meta-Dataset's rules, from some data sets in training and others, never seen, in the test.",
        ]),
        _ => (benchmark, []),
    };

    private const string Molecules = "Area under the ROC curve in percent: whether a molecule has a property that meta-training never saw, from ten molecules that have it and ten that have not. "
        + "Published are the figures of Wang et al. (NeurIPS 2021) with a graph network; wanted is at most three points less.";

    internal const string Costs = "What each run took: elapsed time and processor time of the whole training, over all sessions where it was interrupted, and of the test. Memory is the largest "
        + "resident memory of training. Energy is what the processors of the machine took meanwhile, other programs included, where the machine tells.";

    internal const string Deviations = "How each run differs from the published setting.";

    internal static IReadOnlyList<string> Exactness { get; } =
    [
        "    deutero certify --json",
        "Every learner's meta-gradient in float64 against an independent computation.",
    ];

    internal static IReadOnlyList<string> Speed { get; } =
    [
        "    deutero bench --json",
        "Medians of repetitions, beside a plain eager PyTorch program where there is a ratio to a peer. Processor time is the fairer figure where other programs ran meanwhile. "
        + "docs/performance.md says more.",
    ];
}
