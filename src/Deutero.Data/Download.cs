namespace Deutero.Data;

/// <summary>Downloads one file beside its place and moves it there once it is known to be right.</summary>
internal static class Download
{
    private const long MaximumBytes = 1L << 30;

    internal static async Task ToFileAsync(
        HttpClient client, DataFile file, string path, IProgress<FetchProgress>? progress, CancellationToken cancellation)
    {
        if (file.Check(path) == FileState.Ok)
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var part = $"{path}.{Environment.ProcessId}.part";
        try
        {
            await ReceiveAsync(client, file, part, progress, cancellation).ConfigureAwait(false);
            if (file.Check(part) != FileState.Ok)
            {
                throw new DataFormatException(
                    $"{file.Url} does not have the content of {file.Path} (SHA-256 {file.Sha256}): nothing was kept.");
            }

            File.Move(part, path, overwrite: true);
        }
        catch (HttpRequestException fault)
        {
            throw new IOException(
                $"{file.Url} could not be downloaded ({fault.Message.TrimEnd('.')}): without a network, copy the file to {path}.", fault);
        }
        catch (OperationCanceledException fault) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"{file.Url} did not answer within {client.Timeout.TotalSeconds:0} seconds.", fault);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static async Task ReceiveAsync(
        HttpClient client, DataFile file, string part, IProgress<FetchProgress>? progress, CancellationToken cancellation)
    {
        using var response = await client.GetAsync(file.Url, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        var total = response.Content.Headers.ContentLength;
        var source = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using var disposeSource = source.ConfigureAwait(false);
        using var target = new FileStream(part, FileMode.Create, FileAccess.Write);
        var buffer = new byte[128 * 1024];
        var received = 0L;
        for (int read; (read = await source.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            received += read;
            if (received > MaximumBytes)
            {
                throw new DataFormatException($"{file.Url} sends more than {MaximumBytes:N0} bytes where {file.Path} has {file.Bytes:N0}.");
            }

            await target.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            progress?.Report(new FetchProgress(file, received, total));
        }

        target.Flush(flushToDisk: true);
    }
}
