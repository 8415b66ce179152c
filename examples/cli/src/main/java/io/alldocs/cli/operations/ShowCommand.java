package io.alldocs.cli.operations;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cli.CacheOptions;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.OutputOptions;
import io.alldocs.cli.UsageException;
import io.alldocs.cli.Version;
import io.alldocs.packument.PackageName;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what is cached for one package. Sends no requests. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = false,
        description = {
            "Prints a package from the cache: its description, tags and dates, or one version. Sends no requests."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:printed",
            "1:the cache has no document of this package, version or path",
            "2:the command line is invalid, or a file or folder that it names cannot be used"
        })
public final class ShowCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the package, such as express or @types/node.")
    private String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "VERSION",
            description = "A version, such as 4.18.2, or a tag, such as latest.")
    private @Nullable String version;

    @Option(
            names = "--select",
            paramLabel = "PATH",
            description =
                    "Print only the value at this path of the document (of the version, if one is given). A path is"
                            + " names joined by dots, as in dist.tarball, or a JSON Pointer, as in /dist/tarball.")
    private @Nullable String select;

    @Mixin
    private OriginOption origin = new OriginOption();

    @Mixin
    private CacheOptions cacheOptions = new CacheOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    /** Creates a command that reads its environment variables from {@code environment}. */
    public ShowCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String wanted = normalizedName();
        try (Cache cache = cacheOptions.openExisting(environment)) {
            Optional<CacheEntry> entry = find(cache, wanted);
            if (entry.isEmpty()) {
                return missing("The cache contains nothing about " + wanted + ". Fetch it with: echo " + wanted
                        + " | all-docs bootstrap --names -");
            }
            int code = entry.get().head().sizeBytes() == 0
                    ? missing("The cache contains no document of " + wanted + ": the registry's response was "
                            + Optional.ofNullable(entry.get().head().outcome()).orElse("empty") + " at "
                            + entry.get().head().validatedAt() + ".")
                    : show(wanted, entry.get().as(JsonNode.class));
            out().flush();
            return code;
        }
    }

    private String normalizedName() {
        try {
            return PackageName.normalize(name);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    private Optional<CacheEntry> find(Cache cache, String wanted) {
        List<CacheKey> keys = new PackageKeys(cache).ofOneOrigin(wanted, origin.origin());
        return keys.stream().findFirst().flatMap(cache::entry);
    }

    private int show(String wanted, JsonNode document) {
        if (version == null) {
            return print(document, () -> PackageText.ofPackage(wanted, document));
        }
        String exact = document.path("dist-tags").path(version).asText(version);
        JsonNode manifest = document.path("versions").path(exact);
        return manifest.isObject()
                ? print(manifest, () -> PackageText.ofVersion(wanted, exact, document))
                : missing(wanted + " has no version or tag " + version + ". Tags: " + tags(document) + "; versions: "
                        + document.path("versions").size() + ".");
    }

    private static String tags(JsonNode document) {
        String tags = document.path("dist-tags").properties().stream()
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(", "));
        return tags.isEmpty() ? "none" : tags;
    }

    private int print(JsonNode document, java.util.function.Supplier<List<String>> text) {
        if (select != null) {
            Optional<JsonNode> value = JsonPath.find(document, select);
            if (value.isEmpty()) {
                return missing("The document has no value at " + select + ". Its members: "
                        + document.properties().stream().map(Map.Entry::getKey).collect(Collectors.joining(", "))
                        + ".");
            }
            out().println(
                            value.get().isTextual() && !output.json()
                                    ? value.get().textValue()
                                    : value.get().toPrettyString());
        } else if (output.json()) {
            out().println(document.toPrettyString());
        } else {
            text.get().forEach(out()::println);
        }
        return ExitCode.COMPLETE;
    }

    private int missing(String message) {
        output.err().println(message);
        return ExitCode.PARTIAL;
    }

    private PrintWriter out() {
        return output.out();
    }
}
