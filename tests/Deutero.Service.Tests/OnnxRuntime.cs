using System.Runtime.InteropServices;

namespace Deutero.Service.Tests;

/// <summary>ONNX Runtime through its C interface, whose functions are in a table in an order that never changes (onnxruntime_c_api.h).</summary>
internal sealed class OnnxRuntime : IDisposable
{
    private const uint Version = 14;
    private const int Single = 1;
    private const int Warnings = 2;

    private static readonly string? s_library = new[]
    {
        Environment.GetEnvironmentVariable("DEUTERO_ONNXRUNTIME"), Path.Combine(Repository.Root, "artifacts/onnxruntime/node_modules/sherpa-onnx-linux-x64/libonnxruntime.so"),
    }.FirstOrDefault(File.Exists);

    private static readonly Lazy<nint> s_functions = new(Functions);

    private readonly nint _environment = Called<Create>(3, create => { var name = Marshal.StringToCoTaskMemUTF8("deutero"); return (create(Warnings, name, out var made), made); });
    private readonly nint _options = Called<Make>(10, make => (make(out var made), made));
    private readonly nint _memory = Called<MakeMemory>(69, make => (make(0, 0, out var made), made));
    private readonly nint _session;

    internal OnnxRuntime(byte[] model) => _session = Called<Load>(8, load => (load(_environment, model, model.Length, _options, out var made), made));

    private delegate nint Create(int level, nint name, out nint made);

    private delegate nint Make(out nint made);

    private delegate nint MakeMemory(int allocator, int kind, out nint made);

    private delegate nint Load(nint environment, byte[] model, nint length, nint options, out nint made);

    private delegate nint MakeTensor(nint memory, nint data, nint bytes, long[] shape, nint rank, int type, out nint made);

    private delegate nint RunSession(nint session, nint options, nint[] inputNames, nint[] inputs, nint inputCount, nint[] outputNames, nint outputCount, nint[] outputs);

    private delegate nint Data(nint value, out nint data);

    private delegate nint Message(nint status);

    private delegate void Release(nint what);

    private delegate nint Api(uint version);

    private delegate nint Base();

    /// <summary>Why a test cannot run; null where it can.</summary>
    internal static string? Absent => s_library is null ? "ONNX Runtime was not found: '.ci/setup tests' fetches it, or DEUTERO_ONNXRUNTIME names libonnxruntime.so." : null;

    /// <summary>Runs the model on one input, and returns the first numbers of one output.</summary>
    internal float[] Run(string input, float[] values, long[] shape, string output, int count)
    {
        var pinned = GCHandle.Alloc(values, GCHandleType.Pinned);
        nint[] names = [Marshal.StringToCoTaskMemUTF8(input), Marshal.StringToCoTaskMemUTF8(output)];
        try
        {
            var tensor = Called<MakeTensor>(49, make => (make(_memory, pinned.AddrOfPinnedObject(), values.Length * sizeof(float), shape, shape.Length, Single, out var made), made));
            nint[] outputs = [0];
            Called<RunSession>(9, run => (run(_session, 0, [names[0]], [tensor], 1, [names[1]], 1, outputs), 0));
            var numbers = new float[count];
            Marshal.Copy(Called<Data>(51, data => (data(outputs[0], out var place), place)), numbers, 0, count);
            Function<Release>(96)(outputs[0]);
            Function<Release>(96)(tensor);
            return numbers;
        }
        finally
        {
            pinned.Free();
            Array.ForEach(names, Marshal.FreeCoTaskMem);
        }
    }

    public void Dispose()
    {
        foreach (var (function, what) in (ReadOnlySpan<(int, nint)>)[(95, _session), (94, _memory), (100, _options), (92, _environment)])
        {
            Function<Release>(function)(what);
        }
    }

    private static nint Functions()
    {
        var library = NativeLibrary.Load(s_library!);
        var table = Marshal.GetDelegateForFunctionPointer<Base>(NativeLibrary.GetExport(library, "OrtGetApiBase"))();
        return Marshal.GetDelegateForFunctionPointer<Api>(Marshal.ReadIntPtr(table))(Version);
    }

    private static T Function<T>(int number)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(Marshal.ReadIntPtr(s_functions.Value, number * nint.Size));

    private static nint Called<T>(int number, Func<T, (nint Status, nint Made)> call)
        where T : Delegate
    {
        var (status, made) = call(Function<T>(number));
        return status == 0 ? made : throw new InvalidOperationException(Marshal.PtrToStringUTF8(Function<Message>(2)(status)));
    }
}
