"""The benchmark workloads as a plain eager PyTorch program: what a researcher would write by hand, with exact second-order gradients.

usage: eager.py --workload NAME [--threads 2] [--repetitions 5]

Prints one JSON object in the units of `deutero bench --json`. Shapes and tasks are those of bench/README.md; images are random.
"""
import argparse
import json
import resource
import statistics
import time

import torch
import torch.nn.functional as F


def conv4(parameters, images):
    values = images
    for block in range(4):
        weight, scale, shift = parameters[3 * block:3 * block + 3]
        values = F.conv2d(values, weight, padding=1)
        values = F.max_pool2d(F.relu(F.batch_norm(values, None, None, scale, shift, training=True)), 2)
    features = values.flatten(1)
    return F.linear(features, *parameters[12:]) if len(parameters) > 12 else features


def conv4_parameters(channels, filters, size, outputs):
    parameters = []
    for block in range(4):
        inputs = channels if block == 0 else filters
        bound = (6 / (9 * (inputs + filters))) ** 0.5
        parameters += [torch.empty(filters, inputs, 3, 3).uniform_(-bound, bound), torch.ones(filters), torch.zeros(filters)]
    if outputs:
        features = filters * (size // 16) ** 2
        bound = (6 / (features + outputs)) ** 0.5
        parameters += [torch.empty(outputs, features).uniform_(-bound, bound), torch.zeros(outputs)]
    return [p.requires_grad_() for p in parameters]


def mlp(parameters, inputs):
    values = F.relu(F.linear(inputs, *parameters[0:2]))
    values = F.relu(F.linear(values, *parameters[2:4]))
    return F.linear(values, *parameters[4:6])


def mlp_parameters():
    parameters = []
    for inputs, outputs in [(1, 40), (40, 40), (40, 1)]:
        bound = inputs ** -0.5
        parameters += [torch.empty(outputs, inputs).uniform_(-bound, bound), torch.empty(outputs).uniform_(-bound, bound)]
    return [p.requires_grad_() for p in parameters]


def images(ways, shots, queries, channels, size):
    def some(count):
        return torch.rand(ways * count, channels, size, size), torch.arange(ways).repeat_interleave(count)
    return some(shots) + some(queries)


def sinusoid():
    amplitude, phase = 0.1 + 4.9 * torch.rand(1), 3.14159 * torch.rand(1)
    x, y = 10 * torch.rand(10, 1) - 5, 10 * torch.rand(10, 1) - 5
    return x, amplitude * torch.sin(x - phase), y, amplitude * torch.sin(y - phase)


def maml(forward, loss, rate, steps, second_order):
    def task(parameters, episode):
        x, y, query_x, query_y = episode
        adapted = parameters
        for _ in range(steps):
            gradients = torch.autograd.grad(loss(forward(adapted, x), y), adapted, create_graph=second_order)
            adapted = [p - rate * g for p, g in zip(adapted, gradients)]
        return loss(forward(adapted, query_x), query_y)
    return task


def anil(rate, steps):
    def task(parameters, episode):
        x, y, query_x, query_y = episode
        body, head = parameters[:12], parameters[12:]
        support, query = conv4(body, x), conv4(body, query_x)
        for _ in range(steps):
            gradients = torch.autograd.grad(F.cross_entropy(F.linear(support, *head), y), head, create_graph=True)
            head = [p - rate * g for p, g in zip(head, gradients)]
        return F.cross_entropy(F.linear(query, *head), query_y)
    return task


def protonet(parameters, episode):
    x, y, query_x, query_y = episode
    prototypes = conv4(parameters, x)  # one shot: the prototype is the embedding
    return F.cross_entropy(-torch.cdist(conv4(parameters, query_x), prototypes).square(), query_y)


def workload(name):
    """Returns the parameters, the episodes and the loss of one task."""
    if name.startswith("sine"):
        return mlp_parameters(), [sinusoid() for _ in range(25)], maml(mlp, F.mse_loss, 0.01, int(name[-1]), True)
    if name == "proto60":
        return conv4_parameters(1, 64, 28, 0), [images(60, 1, 5, 1, 28)], protonet
    if name == "embed":
        return conv4_parameters(1, 64, 28, 0), [images(360, 1, 0, 1, 28)], None
    if name == "call":
        return [torch.randn(10, 10), torch.randn(10, 10)], None, None
    if name == "anil5":
        return conv4_parameters(1, 64, 28, 5), [images(5, 1, 15, 1, 28) for _ in range(8)], anil(0.1, 5)
    if name.startswith("mini"):
        episodes = [images(5, 1, 15, 3, 84) for _ in range(4)]
        return conv4_parameters(3, 32, 84, 5), episodes, maml(conv4, F.cross_entropy, 0.01, int(name[-1]), True)
    episodes = [images(5, 1, 15, 1, 28) for _ in range(8)]
    return conv4_parameters(1, 64, 28, 5), episodes, maml(conv4, F.cross_entropy, 0.1, int(name[-1]), "so" in name)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--workload", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    parameters, episodes, task = workload(arguments.workload)

    def once():
        if episodes is None:
            for _ in range(1000):
                torch.mm(*parameters)
            return
        if task is None:
            with torch.no_grad():
                conv4(parameters, episodes[0][0])
            return
        for parameter in parameters:
            parameter.grad = None
        for episode in episodes:
            (task(parameters, episode) / len(episodes)).backward()

    units = 1000 if episodes is None else 360 if task is None else len(episodes)
    once()
    wall, cpu = [], []
    for _ in range(arguments.repetitions):
        wall_start, cpu_start, calls = time.perf_counter(), time.process_time(), 0
        while calls == 0 or time.perf_counter() - wall_start < 0.2:
            once()
            calls += 1
        wall.append((time.perf_counter() - wall_start) / (calls * units))
        cpu.append((time.process_time() - cpu_start) / (calls * units))
    print(json.dumps({
        "workload": arguments.workload, "execution": "eager PyTorch", "threads": arguments.threads, "precision": "float32", "libtorch": torch.__version__,
        "tasksPerSecond": 1 / statistics.median(wall), "cpuSecondsPerTask": statistics.median(cpu), "wallSecondsPerTask": statistics.median(wall),
        "peakMemoryBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))


if __name__ == "__main__":
    main()
