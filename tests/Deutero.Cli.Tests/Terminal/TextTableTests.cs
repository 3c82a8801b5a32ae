using Deutero.Cli.Terminal;

namespace Deutero.Cli.Tests.Terminal;

public sealed class TextTableTests
{
    [Fact]
    public void Words_are_set_to_the_left_and_numbers_to_the_right()
    {
        var table = new TextTable
        {
            Columns = ["learner", "ways", "accuracy"],
            Rows = [["MAML", "5", "98.7% ± 0.4%"], ["ProtoNet", "20", "9%"], ["random"]],
            Indent = 1,
        };
        Assert.Equal(
            " learner   ways      accuracy\n"
            + " --------  ----  ------------\n"
            + " MAML         5  98.7% ± 0.4%\n"
            + " ProtoNet    20            9%\n"
            + " random\n",
            table.Render());
    }

    [Fact]
    public void Control_characters_do_not_reach_the_terminal() =>
        Assert.DoesNotContain('\u001b', new TextTable { Columns = ["a\u001b[2J"], Rows = [["\u001b]0;x\u0007\n"]] }.Render());

    [Fact]
    public void A_row_with_too_many_cells_is_refused() =>
        Assert.Throws<ArgumentException>(() => new TextTable { Columns = ["a"], Rows = [["1", "2"]] }.Render());

    [Fact]
    public void A_table_without_rows_has_its_heading() => Assert.Equal("a  b\n-  -\n", new TextTable { Columns = ["a", "b"], Rows = [] }.Render());
}
