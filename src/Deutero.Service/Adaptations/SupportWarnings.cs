using Deutero.Edge;
using Deutero.Service.Web;

namespace Deutero.Service.Adaptations;

/// <summary>What is doubtful about a support set: sentences in the answer, or a refusal where the service's policy says so.</summary>
internal static class SupportWarnings
{
    private const int Most = 20;

    /// <exception cref="ServiceProblem">The support set cannot be adapted to, or is doubtful in a way that is refused.</exception>
    internal static IReadOnlyList<string> Of(AdaptationModel model, IReadOnlyList<SupportClass> support, ServiceSettings settings)
    {
        IReadOnlyList<SupportDoubt> doubts;
        try
        {
            doubts = model.Doubts(support);
        }
        catch (ArgumentException mistake)
        {
            throw ServiceProblem.Invalid(mistake.Message);
        }

        if (doubts.FirstOrDefault(doubt => settings.Refuse.Contains(doubt.Kind)) is { } refused)
        {
            throw new ServiceProblem(422, "doubtful-support-set", "The support set is doubtful", refused.Text);
        }

        var shown = doubts.Take(Most).Select(doubt => doubt.Text);
        return [.. doubts.Count > Most ? shown.Append($"There are {doubts.Count - Most} more doubts like these.") : shown];
    }
}
