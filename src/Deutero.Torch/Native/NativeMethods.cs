using System.Runtime.InteropServices;

namespace Deutero.Torch.Native;

/// <summary>The C ABI of <c>native/*.cpp</c>. Every function that returns <c>int</c> as a status returns 0 on success.</summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = NativeLibraryLoader.Name;

    static NativeMethods() => NativeLibraryLoader.Register();

    [LibraryImport(Library)]
    internal static partial nint deutero_last_error();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int deutero_operator(string name, string overload, out nint handle);

    [LibraryImport(Library)]
    internal static partial int deutero_call(nint handle, NativeValue* arguments, long count, out NativeValue* results, out long resultCount);

    [LibraryImport(Library)]
    internal static partial void deutero_tensor_free(nint tensor);

    [LibraryImport(Library)]
    internal static partial int deutero_tensor_share(nint tensor, out nint result);

    [LibraryImport(Library)]
    internal static partial int deutero_tensor_info(nint tensor, out TensorInfo info);

    [LibraryImport(Library)]
    internal static partial int deutero_tensor_from_host(void* data, long* sizes, long rank, long dtype, out nint result);

    [LibraryImport(Library)]
    internal static partial int deutero_tensor_from_shared(
        void* data, long* sizes, long rank, long dtype, delegate* unmanaged<nint, void> release, nint context, out nint result);

    [LibraryImport(Library)]
    internal static partial int deutero_tensor_to_host(nint tensor, void* destination, long bytes);

    [LibraryImport(Library)]
    internal static partial int deutero_tensor_data(nint tensor, out void* data);

    [LibraryImport(Library)]
    internal static partial int deutero_set_requires_grad(nint tensor, int value);

    [LibraryImport(Library)]
    internal static partial int deutero_grad_mode(int value);

    [LibraryImport(Library)]
    internal static partial nint deutero_inference_mode_enter();

    [LibraryImport(Library)]
    internal static partial void deutero_inference_mode_exit(nint guard);

    [LibraryImport(Library)]
    internal static partial int deutero_grad(
        nint* outputs, long outputCount, nint* inputs, long inputCount, nint* outputGradients, int retainGraph, int createGraph, nint* results);

    [LibraryImport(Library)]
    internal static partial int deutero_backward(nint* outputs, long outputCount, nint* outputGradients, int retainGraph, int createGraph);

    [LibraryImport(Library)]
    internal static partial int deutero_tensor_gradient(nint tensor, out nint gradient);

    [LibraryImport(Library)]
    internal static partial int deutero_layer_push(int kind, long batchSize, int randomness, out long level);

    [LibraryImport(Library)]
    internal static partial int deutero_layer_pop();

    [LibraryImport(Library)]
    internal static partial int deutero_layer_depth();

    [LibraryImport(Library)]
    internal static partial int deutero_batch_add(nint tensor, long dim, long level, out nint result);

    [LibraryImport(Library)]
    internal static partial int deutero_batch_remove(nint tensor, long level, long batchSize, long dim, out nint result);

    [LibraryImport(Library)]
    internal static partial int deutero_wrap(nint tensor, long level, int requiresGrad, out nint result);

    [LibraryImport(Library)]
    internal static partial int deutero_unwrap(nint tensor, long level, out nint result);

    [LibraryImport(Library)]
    internal static partial int deutero_forward_level_enter(out long level);

    [LibraryImport(Library)]
    internal static partial int deutero_forward_level_exit(long level);

    [LibraryImport(Library)]
    internal static partial int deutero_dual_parts(nint tensor, out nint primal, out nint tangent);

    [LibraryImport(Library)]
    internal static partial int deutero_forward_mode(int value);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int deutero_generator_new(ulong seed, string device, out nint generator);

    [LibraryImport(Library)]
    internal static partial void deutero_generator_free(nint generator);

    [LibraryImport(Library)]
    internal static partial int deutero_generator_state(nint generator, out nint state);

    [LibraryImport(Library)]
    internal static partial int deutero_generator_set_state(nint generator, nint state);

    [LibraryImport(Library)]
    internal static partial int deutero_threads_get();

    [LibraryImport(Library)]
    internal static partial int deutero_threads_set(int count, int process);

    [LibraryImport(Library)]
    internal static partial int deutero_cuda_devices();

    [LibraryImport(Library)]
    internal static partial int deutero_cuda_synchronize();

    [LibraryImport(Library)]
    internal static partial nint deutero_torch_version();

    [LibraryImport(Library)]
    internal static partial nint deutero_torch_configuration();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int deutero_store_open(string host, long port, int isServer, long timeout, out nint store);

    [LibraryImport(Library)]
    internal static partial int deutero_store_port(nint store);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int deutero_store_set(nint store, string key, byte* data, long length);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int deutero_store_get(nint store, string key, out byte* data, out long length);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int deutero_store_add(nint store, string key, long amount, out long total);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int deutero_store_has(nint store, string key, out int found);

    [LibraryImport(Library)]
    internal static partial void deutero_store_free(nint store);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int deutero_group_open(nint store, string prefix, long rank, long size, string address, long timeout, out nint group);

    [LibraryImport(Library)]
    internal static partial void deutero_group_free(nint group);

    [LibraryImport(Library)]
    internal static partial int deutero_group_start(nint group, long kind, nint tensor, long root, out nint work);

    [LibraryImport(Library)]
    internal static partial int deutero_work_wait(nint work, long slice, out int done);

    [LibraryImport(Library)]
    internal static partial int deutero_work_result(nint work, out nint tensor);

    [LibraryImport(Library)]
    internal static partial void deutero_work_free(nint work);

    /// <summary>Turns a failed status into the exception that carries libtorch's sentence.</summary>
    internal static void Check(int status, string operation)
    {
        if (status != 0)
        {
            throw new TorchException(operation, LastError());
        }
    }

    internal static string LastError() => Marshal.PtrToStringUTF8(deutero_last_error()) ?? "";
}
