namespace Deutero.Studio.Tests;

public sealed class DrawToTeachTests(StudioFixture studio)
{
    private const string Query = ".ask .pad canvas";
    private const string Answered = "document.querySelector('.says small')";

    [Fact]
    public async Task Five_hand_drawn_classes_are_learned_from_one_example_each()
    {
        await using var page = await studio.Open("teach", Query);
        var hand = new Hand(seed: 5);
        string[] names = [.. Hand.Symbols.Keys];
        await Teach(page, hand, names);
        var right = 0;
        var answers = new List<string>();
        foreach (var name in names.Concat(names))
        {
            var said = await Ask(page, hand, name);
            right += said == name ? 1 : 0;
            answers.Add($"{name}: {said}");
        }

        TestContext.Current.SendDiagnosticMessage($"{right} of 10 right: {string.Join(", ", answers)}");
        Assert.True(right >= 8, $"{right} of 10 right: {string.Join(", ", answers)}");
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task The_answer_changes_while_the_mouse_is_down()
    {
        await using var page = await studio.Open("teach", Query);
        var hand = new Hand(seed: 1);
        await Teach(page, hand, "ring", "cross");
        var (x, y, _) = await page.Place(Query);
        await page.Mouse("mousePressed", x - 60, y - 60);
        await page.Mouse("mouseMoved", x - 20, y - 20);
        await page.Mouse("mouseMoved", x + 60, y + 60);
        await page.Until(Answered);
        Assert.True(await page.Evaluate<bool>("document.querySelector('.ask .question-tools button').disabled")); // no stroke is done yet
        await page.Mouse("mouseReleased", x + 60, y + 60);
        await page.Until("!document.querySelector('.ask .question-tools button').disabled");
        Assert.True(await page.Evaluate<bool>($"{Answered} !== null"));
    }

    [Fact]
    public async Task What_was_never_taught_is_none_of_these_and_the_page_says_what_it_is_nearest_to()
    {
        await using var page = await studio.Open("teach", Query);
        var hand = new Hand(seed: 6);
        await Teach(page, hand, "ring", "cross");
        await page.Draw(Query, [[.. Enumerable.Range(0, 60).Select(i => (0.1 + (0.8 * (i % 2)), 0.1 + (0.8 * i / 60)))]]); // a scribble
        await page.Until($"{Says("None of these")} && document.querySelector('[data-testid=announcement]').innerText === 'It looks like none of these'");

        Assert.Equal("ring", await Ask(page, hand, "ring"));
        await page.Until("document.querySelectorAll('.nearest li').length === 2 && document.querySelector('.nearest b').innerText === 'ring'");
        await page.Until("document.querySelector('.class:nth-child(1) .pull') && !document.querySelector('.class:nth-child(2) .pull')");
        Assert.Contains("The nearest example is one of ring", await page.Evaluate<string>("document.querySelector('.map canvas').ariaLabel"), StringComparison.Ordinal);
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Doubts_of_the_service_about_the_examples_are_shown()
    {
        await using var page = await studio.Open("teach", Query);
        string[] files = [studio.Store("one.png"), studio.Store("copy.png")];
        foreach (var file in files)
        {
            await File.WriteAllBytesAsync(file, await CrossAsPng(page), TestContext.Current.CancellationToken);
        }

        await page.ChooseFiles(".class:nth-child(1) input[type=file]", files);
        await page.Draw(Pad(2), new Hand(seed: 8).Draw("ring"));
        await page.Until("document.querySelector('.doubt')?.innerText.includes('same')");
    }

    [Fact]
    public async Task A_class_is_added_while_it_runs_and_undo_takes_it_back()
    {
        await using var page = await studio.Open("teach", Query);
        var hand = new Hand(seed: 2);
        await Teach(page, hand, "ring", "cross");
        await Ask(page, hand, "house");
        Assert.DoesNotContain("house", await page.Text(".says"), StringComparison.Ordinal);
        var version = (await page.Text(".verdict .fine")).Split(',')[0];

        // The question stays, and the answer follows the new class.
        await AddClass(page, hand, 3, "house");
        await page.Until(Says("house"));
        await Undo(page);

        // What was learned before is not learned again: the version that held it is made current.
        await page.Until($"!({Says("house")}) && {Answered} && document.querySelector('.verdict .fine').innerText.startsWith('{version},')");
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Undo_takes_back_one_stroke_at_a_time()
    {
        await using var page = await studio.Open("teach", Query);
        var none = await Ink(page, Pad(1));
        await page.Draw(Pad(1), new Hand(seed: 3).Draw("cross"));
        Assert.Equal("1", await page.Evaluate<string>("String(document.querySelectorAll('.class .clear').length)"));
        var both = await Ink(page, Pad(1));
        await Undo(page);
        await page.Until($"{InkOf(Pad(1))} < {both} && {InkOf(Pad(1))} > {none}");
        await page.Press("z", "KeyZ", 90, modifiers: 2);
        await page.Until("document.querySelectorAll('.class .clear').length === 0");
        await page.Until("[...document.querySelectorAll('button')].find(one => one.innerText === 'Undo').disabled");
    }

    [Fact]
    public async Task Pictures_teach_as_drawings_do_and_a_file_that_is_none_is_refused_in_a_sentence()
    {
        await using var page = await studio.Open("teach", Query);
        var folder = studio.Store("pictures");
        Directory.CreateDirectory(folder);
        var (bad, good) = (Path.Combine(folder, "notes.png"), Path.Combine(folder, "drawing.png"));
        await File.WriteAllTextAsync(bad, "no picture", TestContext.Current.CancellationToken);
        await page.ChooseFiles(".class:nth-child(1) input[type=file]", bad);
        await page.Until("document.querySelector('.mistake')?.innerText.includes('notes.png is not a picture')");

        var hand = new Hand(seed: 4);
        await page.Draw(Pad(2), hand.Draw("ring"));
        await File.WriteAllBytesAsync(good, await CrossAsPng(page), TestContext.Current.CancellationToken);
        await page.ChooseFiles(".class:nth-child(1) input[type=file]", good);
        await page.Until("document.querySelectorAll('.class:nth-child(1) .clear').length === 1");
        await Rename(page, 1, "cross");
        Assert.Equal("cross", await Ask(page, hand, "cross"));
    }

    [Fact]
    public async Task The_page_shows_by_itself_what_to_do()
    {
        await using var page = await studio.Open("teach", Query);
        await page.Click(".tools button");
        await page.Until("document.querySelector('.says').innerText.includes('spiral') && !document.querySelector('h1').innerText.startsWith('Watch')");
        Assert.Equal("3", await page.Evaluate<string>("String(document.querySelectorAll('.class .clear').length)"));
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task It_is_taught_and_asked_with_the_keyboard_alone()
    {
        await using var page = await studio.Open("teach", Query);
        await page.Press("Tab", virtualKey: 9);
        Assert.Equal("Skip to the content", await page.Evaluate<string>("document.activeElement.innerText"));
        await TabTo(page, "Draw an example of star");
        Assert.NotEqual("none", await page.Evaluate<string>("getComputedStyle(document.activeElement).outlineStyle")); // one sees where one is
        await Trace(page, "ArrowRight ArrowRight ArrowRight ArrowRight");
        await TabTo(page, "Draw an example of spiral");
        await Trace(page, "ArrowDown ArrowDown ArrowDown ArrowDown");
        await TabTo(page, "Draw what it should recognise");
        await Trace(page, "ArrowUp ArrowUp ArrowUp ArrowUp ArrowUp");
        await page.Until("document.querySelector('[data-testid=announcement]').innerText === `It looks like spiral, ${document.querySelector('.says small')?.innerText}`");
        Assert.Equal("polite", await page.Evaluate<string>("document.querySelector('[data-testid=announcement]').ariaLive"));
    }

    private static string Pad(int place) => $".class:nth-child({place}) .example.first canvas";

    private static string Says(string text) => $"document.querySelector('.says').innerText.includes('{text}')";

    // A picture with more ink is a longer PNG.
    private static string InkOf(string selector) =>
        $"document.querySelector('{selector}').toDataURL().length";

    private static Task<int> Ink(Page page, string selector) => page.Evaluate<int>(InkOf(selector));

    private static async Task<byte[]> CrossAsPng(Page page) => Convert.FromBase64String(await page.Evaluate<string>("""
        (() => { const sheet = document.createElement('canvas'); sheet.width = sheet.height = 200; const pen = sheet.getContext('2d');
          pen.fillStyle = '#fff'; pen.fillRect(0, 0, 200, 200); pen.lineWidth = 16; pen.moveTo(35, 35); pen.lineTo(165, 165); pen.moveTo(165, 35); pen.lineTo(35, 165);
          pen.stroke(); return sheet.toDataURL('image/png').split(',')[1]; })()
        """));

    private static async Task Teach(Page page, Hand hand, params string[] names)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (i >= 3)
            {
                await AddClass(page, hand, i + 1, names[i]);
                continue;
            }

            await DrawExample(page, hand, i + 1, names[i]);
            await Rename(page, i + 1, names[i]);
        }

        await page.Until($"document.querySelectorAll('.class .clear').length === {names.Length}");
    }

    private static async Task AddClass(Page page, Hand hand, int place, string name)
    {
        if (await page.Evaluate<int>("document.querySelectorAll('.class').length") < place)
        {
            await page.Click(".new-class button");
            await page.Until($"document.querySelectorAll('.class').length === {place}");
        }

        await Rename(page, place, name);
        await DrawExample(page, hand, place, name);
    }

    // The page moves when an example is there: what comes next has to wait for it.
    private static async Task DrawExample(Page page, Hand hand, int place, string name)
    {
        await page.Draw(Pad(place), hand.Draw(name));
        await page.Until($"document.querySelector('.class:nth-child({place}) .clear')");
    }

    private static async Task Rename(Page page, int place, string name)
    {
        await page.Click($".class:nth-child({place}) .name");
        await page.Type(name);
        await page.Press("Enter", virtualKey: 13);
        await page.Until($"document.querySelector('.class:nth-child({place}) .name').value === '{name}'");
    }

    // Draws a symbol, and reads the answer when it rests.
    private static async Task<string> Ask(Page page, Hand hand, string symbol)
    {
        if (!await page.Evaluate<bool>("document.querySelector('.ask .question-tools button').disabled"))
        {
            await page.Click(".ask .question-tools button");
            await page.Until("document.querySelector('[data-testid=announcement]').innerText === ''");
        }

        await page.Draw(Query, hand.Redraw(symbol));
        await page.Until("document.querySelector('[data-testid=announcement]').innerText !== ''");
        return await page.Evaluate<string>("document.querySelector('.says').firstChild.textContent");
    }

    private static async Task Undo(Page page)
    {
        await page.Evaluate<object?>("[...document.querySelectorAll('button')].find(one => one.innerText === 'Undo').dataset.test = 'undo'");
        await page.Click("[data-test=undo]");
    }

    private static async Task TabTo(Page page, string label)
    {
        for (var i = 0; i < 40; i++)
        {
            if (await page.Evaluate<bool>($"(document.activeElement.ariaLabel ?? '').startsWith('{label}')"))
            {
                return;
            }

            await page.Press("Tab", virtualKey: 9);
        }

        Assert.Fail($"'{label}' is not reached with the Tab key.");
    }

    private static async Task Trace(Page page, string keys)
    {
        await page.Press(" ", "Space", 32);
        foreach (var key in keys.Split(' '))
        {
            await page.Press(key);
        }

        await page.Press(" ", "Space", 32);
    }
}
