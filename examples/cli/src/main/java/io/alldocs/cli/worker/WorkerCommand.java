package io.alldocs.cli.worker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.Env;
import io.alldocs.cli.CacheOptions;
import io.alldocs.cli.Environment;
import io.alldocs.cli.Errors;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.OutputOptions;
import io.alldocs.cli.UsageException;
import io.alldocs.cli.Version;
import io.alldocs.worker.Worker;
import io.alldocs.worker.WorkerMain;
import io.alldocs.worker.WorkerRuntime;
import io.alldocs.worker.WorkerStatus.State;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a {@link WorkerRuntime} that the environment configures. */
@Command(
        name = "worker",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Processes the items of a queue until it is stopped. On SIGTERM or Ctrl-C it finishes running items or"
                    + " returns them to the queue.",
            "Environment variables configure it (RUNTIME, QUEUE_DRIVER, REDIS_URL, CACHE_DIR, STORAGE_DRIVER,"
                    + " NPM_ORIGIN, NPM_REGISTRY, HOST, PORT, WORKER_CONCURRENCY, WORKER_TOKEN …); the options below"
                    + " override them."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it stopped on request",
            "1:it failed, or its queue or store cannot be reached",
            "2:the command line or a variable is invalid",
            "3:the origin or the registry refused"
        })
public final class WorkerCommand implements Callable<Integer> {
    private static final long LOOK_EVERY_MILLIS = 200;
    private static final long LINE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Map<String, String> environment;

    @Option(
            names = "--runtime",
            paramLabel = "NAME",
            description = "Platform of the worker: jvm, cloudflare, fastly or cloudrun. Default: RUNTIME, else jvm")
    private @Nullable String runtime;

    @Option(
            names = "--queue",
            paramLabel = "NAME",
            description = "Work queue: local, redis. Default: QUEUE_DRIVER, else that of the runtime")
    private @Nullable String queue;

    @Mixin
    private CacheOptions cacheOptions = new CacheOptions();

    @Option(
            names = "--port",
            paramLabel = "P",
            description = "Port to listen on, 0 for a free port. Default: PORT, else 8080")
    private @Nullable Integer port;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            description = "Requests or items that are processed at the same time. Default: WORKER_CONCURRENCY, else 10")
    private @Nullable Integer concurrency;

    @Option(names = "--end-with", paramLabel = "PID", hidden = true, description = "Stop when the process PID ends.")
    private @Nullable Long endWith;

    @Mixin
    private OutputOptions output = new OutputOptions();

    /** Creates a command that reads its environment variables from {@code environment}. */
    public WorkerCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        Env env = Environment.of(variables());
        WorkerMain.prepareJvm();
        WorkerRuntime running = UsageException.unlessUsable(() -> WorkerRuntime.create(env));
        try (running) {
            start(running);
            announce(running.server().address());
            work(running.worker());
        }
        return exitCode(running.worker().failure());
    }

    /**
     * Starts the runtime. A class missing from the class path is a usage error, because a retry would fail too. An
     * unreachable server is not a usage error, because it may recover.
     */
    private static void start(WorkerRuntime runtime) {
        try {
            runtime.start();
        } catch (IllegalStateException e) {
            throw new UsageException(Errors.message(e), e);
        }
    }

    /**
     * Returns the variables of the worker. The cache options apply to the plain JVM runtime only, since other runtimes
     * choose their own store.
     */
    private Map<String, String> variables() {
        Map<String, String> values = new HashMap<>(environment);
        override(values, "RUNTIME", runtime);
        boolean plain = "jvm".equals(values.getOrDefault("RUNTIME", "jvm"));
        Map<String, String> all = plain ? cacheOptions.environment(values) : values;
        override(all, "QUEUE_DRIVER", queue);
        override(all, "PORT", port);
        override(all, "WORKER_CONCURRENCY", concurrency);
        return all;
    }

    private static void override(Map<String, String> values, String name, @Nullable Object option) {
        if (option != null) {
            values.put(name, option.toString());
        }
    }

    private void announce(InetSocketAddress address) {
        PrintWriter out = output.out();
        String url = "http://" + (address.getAddress().isAnyLocalAddress() ? "127.0.0.1" : address.getHostString())
                + ":" + address.getPort() + "/";
        if (output.json()) {
            out.println(JsonNodeFactory.instance.objectNode().put("url", url));
        } else if (!output.quiet()) {
            out.println(
                    url + " shows the status of the worker. Add items with POST " + url + "work. Stop it with Ctrl-C.");
        }
        out.flush();
    }

    /**
     * Waits until the worker stops by itself or the thread is interrupted. Clears the interrupt flag, so that the code
     * after it may block.
     */
    private void work(Worker worker) {
        ProcessHandle needed = endWith == null
                ? ProcessHandle.current()
                : ProcessHandle.of(endWith).orElse(null);
        WorkerLine line = new WorkerLine();
        long lineAt = System.nanoTime() + LINE_EVERY_NANOS;
        try {
            while (worker.status().state() == State.RUNNING && needed != null && needed.isAlive()) {
                TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
                if (System.nanoTime() - lineAt >= 0) {
                    output.say(line.of(worker.status()));
                    lineAt += LINE_EVERY_NANOS;
                }
            }
        } catch (InterruptedException e) {
            // The interrupt is the normal way to stop. Running items are finished or returned to the queue, and the
            // process ends.
        }
    }

    private int exitCode(Optional<Throwable> failure) {
        failure.ifPresent(error -> {
            output.err().println("Error: " + Errors.message(error));
            if (output.verbose()) {
                error.printStackTrace(output.err());
            }
        });
        return failure.map(Errors::exitCode).orElse(ExitCode.COMPLETE);
    }
}
