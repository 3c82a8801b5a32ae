namespace Deutero.Edge;

/// <summary>How good a calibration is, on classes that neither meta-training nor the calibration has seen.</summary>
/// <param name="LearnedOn">The classes that the calibration was learned on.</param>
/// <param name="MeasuredOn">The classes that these figures were measured on.</param>
/// <param name="Episodes">The episodes of each.</param>
/// <param name="Ways">Their classes.</param>
/// <param name="Shots">Their support examples for each class; episodes take turns.</param>
/// <param name="Seed">Determines the episodes.</param>
/// <param name="Accuracy">The fraction of queries of the support set's classes whose most probable class is right.</param>
/// <param name="ExpectedCalibrationErrorBefore">The expected calibration error of the uncalibrated probabilities, in [0, 1].</param>
/// <param name="ExpectedCalibrationError">The same of the calibrated ones.</param>
/// <param name="NegativeLogLikelihoodBefore">The mean of -log p(label) of the uncalibrated probabilities, in nats.</param>
/// <param name="NegativeLogLikelihood">The same of the calibrated ones.</param>
/// <param name="Rate">The share of queries of known classes that may be taken for none of these, which the threshold was chosen for.</param>
/// <param name="KnownAbstained">The share that was.</param>
/// <param name="ForeignCaught">The share of queries of other classes that were rightly taken for none of these.</param>
/// <param name="ForeignCaughtByProbability">What that share was on the classes of learning by the largest probability, at the same rate.</param>
/// <param name="ForeignCaughtByLogit">The same by the largest logit: the better of the two was chosen.</param>
public sealed record CalibrationFigures(
    string LearnedOn, string MeasuredOn, int Episodes, int Ways, IReadOnlyList<int> Shots, ulong Seed, double Accuracy,
    double ExpectedCalibrationErrorBefore, double ExpectedCalibrationError, double NegativeLogLikelihoodBefore, double NegativeLogLikelihood,
    double Rate, double KnownAbstained, double ForeignCaught, double ForeignCaughtByProbability, double ForeignCaughtByLogit);
