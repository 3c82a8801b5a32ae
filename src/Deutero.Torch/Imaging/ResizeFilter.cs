namespace Deutero.Torch.Imaging;

/// <summary>How the pixels under one output pixel are weighed when an image changes size.</summary>
public enum ResizeFilter
{
    /// <summary>The mean of the covered area (with one-pixel ramps when the ratio is not whole).</summary>
    Area = 1,

    /// <summary>A tent; bilinear when enlarging.</summary>
    Triangle = 2,

    /// <summary>An interpolating cubic: sharp, and fast.</summary>
    CatmullRom = 4,

    /// <summary>The Mitchell and Netravali cubic with B = C = 1/3: a compromise of blur and ringing.</summary>
    Mitchell = 5,

    /// <summary>The three-lobed windowed sinc, equal to Pillow's to within one level: what few-shot data is prepared with.</summary>
    Lanczos = 6,
}
