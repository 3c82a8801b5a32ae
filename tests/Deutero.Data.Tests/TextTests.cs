namespace Deutero.Data.Tests;

public sealed class TextTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Words_are_runs_of_letters_and_digits_with_an_apostrophe_inside() =>
        Assert.Equal(["what's", "my", "2nd", "card", "o'clock", "dogs"], TextWords.Of("What’s my 2nd-card, 'O'Clock' dogs'?"));

    [Fact]
    public void Bag_is_term_frequency_by_inverse_document_frequency_of_the_training_texts_alone()
    {
        var features = new TextFeatures(["a b", "a c", "a a"], new() { Buckets = 1 << 16, NGrams = false });

        // log((1 + 3) / (1 + 3)) + 1, log(4 / 2) + 1 and, for a word that no training text has, log(4 / 1) + 1; "b" occurs twice.
        double[] expected = [1, 2 * (Math.Log(2) + 1), Math.Log(4) + 1];
        var length = Math.Sqrt(expected.Sum(value => value * value));
        var found = features.Numbers("B a zebra b").Where(value => value != 0).Select(value => Math.Abs((double)value)).Order().ToArray();
        Assert.Equal(3, found.Length);
        Assert.All(found.Zip(expected.Select(value => value / length).Order()), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
    }

    [Fact]
    public void Misspelt_word_is_near_its_right_form_by_its_characters_alone()
    {
        var features = new TextFeatures(["transfer money", "book a table"], new() { Buckets = 1 << 14 });
        float Product(string left, string right) => features.Numbers(left).Zip(features.Numbers(right), (a, b) => a * b).Sum();
        Assert.True(Product("transfer", "transfers") > 0.4);
        Assert.True(Product("transfer", "table") < 0.1);
        Assert.Equal(1, Product("transfer", "transfer"), 1e-5);
    }

    [Fact]
    public void Features_that_are_saved_and_read_give_the_same_bits()
    {
        // Lengths of vectors that rounding does not bring to exactly 1, and words that no training text has.
        var vectors = new WordVectors(["card", "lost", "what's"], [0.3f, 0.7f, -0.1f, 1.1f, 0.9f, 0.2f, 5, -3, 0.01f]);
        string[] texts = ["I lost my card", "what's this", "A card, what's a card's use?", "naïve 🌧 zebra", "!!!"];
        foreach (var features in (TextFeatures[])[new(texts[..2], new() { Buckets = 64, Words = 4 }, vectors), new(texts[..3], new() { Buckets = 100, NGrams = false }), new([])])
        {
            using var file = new MemoryStream();
            features.Save(file);
            file.Position = 0;
            var read = TextFeatures.Load(file, "f");
            Assert.Equal((features.Options, features.Length), (read.Options, read.Length));
            Assert.All(texts, text => Assert.Equal(features.Numbers(text), read.Numbers(text)));
            using var again = new MemoryStream();
            read.Save(again);
            Assert.Equal(file.ToArray(), again.ToArray());
        }
    }

    [Fact]
    public void Features_with_a_changed_byte_are_read_or_refused_in_one_sentence()
    {
        using var file = new MemoryStream();
        new TextFeatures(["a b", "b c"], new() { Buckets = 16, Words = 2 }, new(["a", "b"], [1, 0, 0, 1])).Save(file);
        var bytes = file.ToArray();
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 0x20;
            try
            {
                TextFeatures.Load(new MemoryStream(bytes), "f");
            }
            catch (DataFormatException refusal)
            {
                Assert.Equal("f does not hold what turns texts into numbers: it is damaged, or of another version.", refusal.Message);
            }

            bytes[i] ^= 0x20;
        }

        Assert.Throws<DataFormatException>(() => TextFeatures.Load(new MemoryStream(bytes[..^1]), "f"));
    }

    [Fact]
    public void Vectors_of_words_follow_the_bag_with_their_rarity_and_zeros_at_the_end()
    {
        var vectors = new WordVectors(["card", "lost"], [3, 4, 0, 2]);
        var features = new TextFeatures(["card", "card lost"], new() { Buckets = 16, Words = 3 }, vectors);
        Assert.Equal(16 + (3 * 3), features.Length);
        var rows = features.Numbers("lost card's").Skip(16).Chunk(3).ToArray();

        // The mean vector of the training texts' words, weighted by rarity, is taken from each: what all texts share tells none apart.
        double card = 1, lost = Math.Log(1.5) + 1;
        var sum = (2 * card) + lost;
        double[] mean = [2 * card * 0.6 / sum, ((2 * card * 0.8) + lost) / sum];
        Assert.Equal([lost, 0 - mean[0], 1 - mean[1]], rows[0].Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([Math.Log(3) + 1, 0.6 - mean[0], 0.8 - mean[1]], rows[1].Select(value => (double)value), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([0f, 0f, 0f], rows[2]);
    }

    [Theory]
    [InlineData("clinc150", 1, 50, 50, 50, 150)]
    [InlineData("banking77", 2, 25, 25, 27, 0)]
    [InlineData("hwu64", 3, 24, 18, 22, 0)]
    public void Intents_have_the_classes_of_their_folds(string name, int fold, int train, int validation, int test, int texts)
    {
        var data = Intents.Open(name, fold, TestData.Folder(DataSets.Intents), new() { Buckets = 64, NGrams = false });
        Assert.Equal((train, validation, test), (data.Train.ClassCount, data.Validation.ClassCount, data.Test.ClassCount));
        Assert.Equal($"intents-{name}/fold{fold}/test", data.Test.Name);
        if (texts > 0)
        {
            Assert.All(Enumerable.Range(0, test), c => Assert.Equal(texts, data.Test.ItemCount(c)));
        }
    }

    [Theory]
    [InlineData("banking77", 13_083)]
    [InlineData("hwu64", 11_036)]
    [InlineData("clinc150", 22_500)]
    public void All_examples_of_an_intent_are_used(string name, int texts)
    {
        var data = Intents.Open(name, 1, TestData.Folder(DataSets.Intents), new() { Buckets = 16, NGrams = false });
        Assert.Equal(texts, new[] { data.Train, data.Validation, data.Test }.Sum(pool => Enumerable.Range(0, pool.ClassCount).Sum(pool.ItemCount)));
    }

    [Fact]
    public void Unknown_set_and_fold_are_named()
    {
        Assert.Contains("did you mean 'clinc150'?", Assert.Throws<ArgumentException>(() => Intents.Open("clinc15")).Message, StringComparison.Ordinal);
        Assert.Equal("Intents have the folds 1 to 5, not 6.", Assert.Throws<ArgumentException>(() => Intents.Open("hwu64", 6)).Message);
    }

    [Theory]
    [InlineData("t.tsv", "text\tlabel\nan \"odd\" one, here\ta\nb\tb\n", "an \"odd\" one, here")]
    [InlineData("t.csv", "intent,utterance\na,\"one, two\"\nb,b\n", "one, two")]
    [InlineData("t.jsonl", "{\"sentence\": \"one\", \"category\": \"a\", \"n\": 1}\n\n{\"text\": \"b\", \"label\": \"b\"}\n", "one")]
    public void Own_texts_are_read_in_three_forms(string name, string content, string first) =>
        Assert.Equal([new(first, "a"), new LabelledText("b", "b")], TextFile.Read(Write(name, content)));

    [Theory]
    [InlineData("t.tsv", "", "t.tsv is empty: a header line was expected.")]
    [InlineData("t.tsv", "text\tlabel\n", "t.tsv has no texts.")]
    [InlineData("t.tsv", "text\tlabel\na\n", "t.tsv, row 2 has 1 cells where the header has 2.")]
    [InlineData("t.tsv", "text\tlabel\n \tb\n", "t.tsv, row 2 has no text.")]
    [InlineData("t.csv", "text,label\na,\n", "t.csv, row 2 has no class.")]
    [InlineData("t.csv", "words,label\na,b\n", "t.csv has no column text or sentence or utterance or content: its columns are words, label.")]
    [InlineData("t.jsonl", "{\"text\": \"a\", \"label\": \"b\"}\nno\n", "t.jsonl, line 2 is not a JSON object.")]
    [InlineData("t.jsonl", "{\"text\": \"a\", \"label\": 3}\n", "t.jsonl, line 1 has no string text or sentence or utterance or content, or none label or class or category or target or intent.")]
    [InlineData("t.doc", "x", "t.doc ends in '.doc' where .tsv, .csv or .jsonl is expected.")]
    public void Wrong_text_files_are_refused_in_one_sentence(string name, string content, string message)
    {
        var path = Write(name, content);
        Assert.Equal(message, Assert.Throws<DataFormatException>(() => TextFile.Read(path)).Message.Replace(path, name, StringComparison.Ordinal));
    }

    [Fact]
    public void Own_texts_are_split_by_class_and_a_class_with_one_text_is_refused()
    {
        var lines = Enumerable.Range(0, 40).Select(i => $"text {i}\tclass{i % 10}");
        var data = ClassData.Open($"text:{Write("own.tsv", "text\tlabel\n" + string.Join('\n', lines))}");
        Assert.Equal((6, 2, 2), (data.Train.ClassCount, data.Validation.ClassCount, data.Test.ClassCount));
        Assert.Equal([4096L], data.Train.ItemShape);
        var path = Write("few.tsv", "text\tlabel\na\ta\nb\ta\nc\tb\nd\tb\ne\tc\n");
        Assert.Contains("has 1 text of class 'c': a class needs at least 2", Assert.Throws<DataFormatException>(() => ClassData.Open($"text:{path}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Word_vectors_are_taken_from_the_package_most_frequent_first()
    {
        var numbers = string.Join(',', Enumerable.Range(0, 100));
        var json = $$"""{"precision": 8, "words": ["the", "of"], "vectors": {"the": [{{numbers}}, 1.5, 0], "of": [{{numbers}}, 2, 1], "cut off": [1, 2""";
        var (words, values) = WordVectorPackage.Parse(System.Text.Encoding.UTF8.GetBytes(json), 2);
        Assert.Equal(["the", "of"], words);
        Assert.Equal(Enumerable.Range(0, 100).Concat(Enumerable.Range(0, 100)).Select(value => (float)value), values);
        Assert.Throws<InvalidDataException>(() => WordVectorPackage.Parse(System.Text.Encoding.UTF8.GetBytes(json), 3));
    }

    private string Write(string name, string content) => folder.Write(name, System.Text.Encoding.UTF8.GetBytes(content));
}
