namespace Deutero.Torch;

/// <summary>The element type of a tensor; the numbers are libtorch's own.</summary>
public enum DType
{
    /// <summary>Unsigned 8-bit integers.</summary>
    UInt8 = 0,

    /// <summary>Signed 8-bit integers.</summary>
    Int8 = 1,

    /// <summary>Signed 16-bit integers.</summary>
    Int16 = 2,

    /// <summary>Signed 32-bit integers.</summary>
    Int32 = 3,

    /// <summary>Signed 64-bit integers: class labels and indices.</summary>
    Int64 = 4,

    /// <summary>IEEE half precision.</summary>
    Float16 = 5,

    /// <summary>IEEE single precision: the default of models.</summary>
    Float32 = 6,

    /// <summary>IEEE double precision: gradient certificates.</summary>
    Float64 = 7,

    /// <summary>Truth values, one byte each.</summary>
    Bool = 11,

    /// <summary>Brain floating point: 8 bits of exponent, 7 of fraction.</summary>
    BFloat16 = 15,
}
