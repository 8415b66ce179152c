package io.alldocs.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.EmbeddedRegistryBuilder;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.examples.registry.Faults;
import io.alldocs.examples.registry.Requests;
import io.alldocs.http.TextLines;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Serves an embedded registry until it is interrupted, then prints the counts of requests. */
@Command(
        name = "embedded-registry",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Serves a registry of made-up packages on 127.0.0.1 until it is interrupted (Ctrl-C), then prints how"
                    + " many requests it received.",
            "One address serves both APIs: use it as --origin and as --registry."
        })
final class EmbeddedRegistryCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Option(
            names = "--port",
            paramLabel = "P",
            defaultValue = "0",
            description = "Port to listen on, 0 for a free port. Default: ${DEFAULT-VALUE}")
    private int port;

    @Option(
            names = "--names",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Number of names, up to 5,000,000. Default: ${DEFAULT-VALUE}")
    private int names;

    @Option(
            names = "--names-file",
            paramLabel = "FILE",
            description =
                    "Serve the names in FILE, one per line, instead of made-up names. Their packuments are made up.")
    private @Nullable Path namesFile;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Seed of the random names, documents and faults; the same seed gives the same registry. Default:"
                            + " ${DEFAULT-VALUE}")
    private long seed;

    @Option(
            names = "--faults",
            paramLabel = "LIST",
            description = "Faults, separated by commas:"
                    + " 429=0.05,429-retry-after=2,503=0.01,cut=0.01,page-cap=3000,zero-offset … (an unknown"
                    + " fault prints the whole list).")
    private String faults = "";

    @Option(
            names = "--churn",
            paramLabel = "N",
            defaultValue = "0",
            description = "Changes per second: new versions, new names, deletions. Default: ${DEFAULT-VALUE}")
    private double churn;

    @Option(
            names = "--opaque-sequences",
            description = "Send sequences as strings, as CouchDB does, instead of numbers, as npm does.")
    private boolean opaqueSequences;

    @Option(names = "--require-token", description = "Respond with 401 to requests without the token in NPM_TOKEN.")
    private boolean requireToken;

    @Mixin
    private OutputOptions output = new OutputOptions();

    EmbeddedRegistryCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        PrintWriter out = output.out();
        try (EmbeddedRegistry registry = start()) {
            registry.churn(churn);
            announce(registry, out);
            awaitInterrupt();
            (output.json() ? List.of(counts(registry.requests()).toString()) : text(registry.requests()))
                    .forEach(out::println);
            out.flush();
            return ExitCode.COMPLETE;
        }
    }

    private EmbeddedRegistry start() {
        List<Fault> switched = faults.isBlank() ? List.of() : Faults.parse(faults);
        EmbeddedRegistryBuilder builder =
                EmbeddedRegistry.builder().names(names).port(port).seed(seed).faults(switched);
        if (namesFile != null) {
            builder.names(lines(namesFile));
        }
        if (opaqueSequences) {
            builder.opaqueSequences();
        }
        if (requireToken) {
            builder.token(token());
        }
        try {
            return builder.start();
        } catch (UncheckedIOException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    private static List<String> lines(Path file) {
        try (TextLines lines = TextLines.open(file)) {
            List<String> all = new ArrayList<>();
            for (Optional<String> line = lines.nextItem(); line.isPresent(); line = lines.nextItem()) {
                all.add(line.get());
            }
            return all;
        } catch (IOException e) {
            throw new UsageException("Cannot read the names in " + file + ": " + e.getMessage(), e);
        }
    }

    private String token() {
        @Nullable String token = environment.get("NPM_TOKEN");
        if (token == null || token.isBlank()) {
            throw new UsageException("--require-token needs a token in the environment variable NPM_TOKEN.");
        }
        return token;
    }

    private void announce(EmbeddedRegistry registry, PrintWriter out) {
        if (output.json()) {
            out.println(JsonNodeFactory.instance
                    .objectNode()
                    .put("url", registry.origin().toString())
                    .put("names", registry.names().size()));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%s serves %s.%n",
                    registry.origin(),
                    Amount.counted(registry.names().size(), "name"));
            out.println("Ctrl-C stops it; it then prints how many requests it received.");
        }
        out.flush();
    }

    private static void awaitInterrupt() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            // The interrupt is the normal way to stop. The command prints the counts, and the process ends.
        }
    }

    private static ObjectNode counts(Requests requests) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("requests", requests.total());
        ObjectNode endpoints = json.putObject("endpoints");
        for (Endpoint endpoint : Endpoint.values()) {
            endpoints.put(endpoint.switchName(), requests.count(endpoint));
        }
        ObjectNode statuses = json.putObject("statuses");
        requests.statuses().forEach((status, count) -> statuses.put(status.toString(), count));
        json.put("namesAsked", requests.namesAskedAtLeast(1));
        json.put("namesAskedTwice", requests.namesAskedAtLeast(2));
        json.put("bodyBytes", requests.bodyBytes());
        return json;
    }

    private static List<String> text(Requests requests) {
        ObjectNode counts = counts(requests);
        return List.of(
                Amount.counted(requests.total(), "request") + ": " + fields(counts, "endpoints"),
                "status codes: " + fields(counts, "statuses"),
                String.format(
                        Locale.ROOT,
                        "packuments requested: %,d, of which %,d more than once; %,d bytes of bodies sent",
                        requests.namesAskedAtLeast(1),
                        requests.namesAskedAtLeast(2),
                        requests.bodyBytes()));
    }

    private static String fields(ObjectNode counts, String name) {
        return counts.path(name).properties().stream()
                .map(field -> field.getKey() + " "
                        + String.format(Locale.ROOT, "%,d", field.getValue().asLong()))
                .collect(java.util.stream.Collectors.joining(", "));
    }
}
