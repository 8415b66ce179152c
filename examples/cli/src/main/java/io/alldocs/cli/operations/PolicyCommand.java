package io.alldocs.cli.operations;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cli.CacheOptions;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.OutputOptions;
import io.alldocs.cli.UsageException;
import io.alldocs.cli.Version;
import io.alldocs.packument.PackageName;
import io.alldocs.packument.PackumentFacts;
import io.alldocs.packument.PolicyExplanation;
import io.alldocs.packument.PolicyFile;
import io.alldocs.packument.VersionDecisions;
import io.alldocs.packument.VersionFacts;
import io.alldocs.packument.VersionRefusal;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what a policy decides about each version of a package. Sends no requests. */
@Command(
        name = "policy",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = false,
        description = {
            "Prints whether a policy allows each version of a cached package. For a refused version, it prints the"
                    + " rule, the start and the end of the refusal. Sends no requests. A mirror returns the same at"
                    + " GET /-/policy/NAME."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:printed",
            "1:the cache contains no document of this package",
            "2:the command line or the policy is invalid, or a file or folder cannot be used"
        })
public final class PolicyCommand implements Callable<Integer> {
    private static final String ROW = "%-24s %-8s %-16s %-25s %-25s %-25s%n";

    private final Map<String, String> environment;

    @Parameters(index = "0", paramLabel = "NAME", description = "Name of the package, such as express or @types/node.")
    private String name = "";

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            required = true,
            description =
                    "File with the policy, such as min-age: 7d. Only versions that it allows are served; the mirror"
                            + " reads it again when it changes.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path policy;

    @Mixin
    private OriginOption origin = new OriginOption();

    @Mixin
    private CacheOptions cacheOptions = new CacheOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    /** Creates a command that reads its environment variables from {@code environment}. */
    public PolicyCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        String wanted = usable(() -> PackageName.normalize(name));
        PolicyFile file = usable(() -> PolicyFile.open(policy));
        try (Cache cache = cacheOptions.openExisting(environment)) {
            Optional<CacheEntry> entry = find(cache, wanted);
            if (entry.isEmpty()) {
                output.err().println("The cache contains no document of " + wanted + ".");
                return ExitCode.PARTIAL;
            }
            Instant now = cache.clock().instant();
            VersionDecisions decisions = file.policy().decide(facts(wanted, entry.get()), now);
            print(new PolicyExplanation(decisions, file.policy().revision(), file.since(), now));
            return ExitCode.COMPLETE;
        }
    }

    private static <T> T usable(Supplier<T> read) {
        try {
            return read.get();
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Returns the stored packument of a package. Prefers the full form, because only that form has the publication
     * times.
     */
    private Optional<CacheEntry> find(Cache cache, String wanted) {
        List<CacheKey> keys = new PackageKeys(cache).ofOneOrigin(wanted, origin.origin());
        return keys.stream()
                .flatMap(key -> cache.entry(key).stream())
                .filter(entry -> entry.head().sizeBytes() > 0)
                .findFirst();
    }

    private static PackumentFacts facts(String wanted, CacheEntry entry) {
        try (InputStream text = entry.bodyStream()) {
            return PackumentFacts.read(wanted, text);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The stored document of " + wanted + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void print(PolicyExplanation explanation) {
        PrintWriter out = output.out();
        if (output.json()) {
            out.println(tree(explanation.json()).toPrettyString());
        } else {
            table(explanation, out);
        }
        out.flush();
    }

    private static JsonNode tree(byte[] json) {
        try {
            return new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void table(PolicyExplanation explanation, PrintWriter out) {
        VersionDecisions decisions = explanation.decisions();
        out.printf(ROW, "version", "", "rule", "published", "since", "until");
        for (VersionFacts version : decisions.versions()) {
            Optional<VersionRefusal> refusal = decisions.refusal(version.version());
            out.printf(
                    ROW,
                    version.version(),
                    refusal.isPresent() ? "refused" : "allowed",
                    refusal.map(why -> why.rule().key()).orElse("-"),
                    time(version.published()),
                    time(refusal.map(explanation::since)),
                    time(refusal.flatMap(VersionRefusal::until)));
        }
        decisions.originalDistTags().forEach((tag, version) -> {
            String left = decisions.distTags().get(tag);
            if (!version.equals(left)) {
                out.println(tag + " is " + version + " at the registry and " + (left == null ? "left out" : left)
                        + " here.");
            }
        });
        decisions.validUntil().ifPresent(next -> out.println("The next version becomes allowed at " + next + "."));
        if (decisions.lacksTimes()) {
            out.println("The cache contains only the abbreviated form, which has no publication times. Under this"
                    + " policy, a mirror refuses to serve it unless it can fetch the full form.");
        }
    }

    private static String time(Optional<Instant> time) {
        return time.map(Instant::toString).orElse("-");
    }
}
