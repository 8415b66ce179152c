package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares ranges and the order of versions with npm's own {@code semver}, using the versions and ranges of real
 * packuments. Requires Node.
 */
@Tag("interop")
class SemverInteropTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PAIRS = 40_000;
    private static final List<String> MEMBERS =
            List.of("dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "engines");

    @TempDir
    private Path folder;

    private final List<String> versions = new ArrayList<>();
    private final List<String> ranges = new ArrayList<>();

    /**
     * Collects every version and every range of the real packuments, and some that other implementations are known to
     * read differently.
     */
    private void collect() throws IOException {
        TreeSet<String> allVersions = new TreeSet<>(List.of(
                "1.0.0-beta2", "1.0.0-beta10", "1.2.3beta", "1.0.0-20240101123456789012", "1.0.0--", "1.0.0-A.a"));
        TreeSet<String> allRanges =
                new TreeSet<>(List.of("latest", "^0.0.0-0c756fb-697f004", ">1 <3 || 5.x", "", "||", "1 ||"));
        for (String name : RealPackuments.names()) {
            for (JsonNode manifest : JSON.readTree(RealPackuments.json(name)).path("versions")) {
                allVersions.add(manifest.path("version").asText());
                for (String member : MEMBERS) {
                    manifest.path(member).forEach(range -> allRanges.add(range.asText()));
                }
            }
        }
        versions.addAll(allVersions);
        ranges.addAll(allRanges);
    }

    @Test
    void accepts_pairsOfRealPackuments_asNpmsSemverDoes() throws Exception {
        collect();
        Random random = new Random(20_000);
        ObjectNode input = JSON.createObjectNode();
        versions.forEach(input.putArray("versions")::add);
        ranges.forEach(input.putArray("ranges")::add);
        ArrayNode pairs = input.putArray("pairs");
        for (int i = 0; i < PAIRS; i++) {
            pairs.addArray().add(random.nextInt(versions.size())).add(i % ranges.size());
        }

        JsonNode npm = npm(input);

        List<String> differences = new ArrayList<>();
        for (int i = 0; i < ranges.size(); i++) {
            boolean valid = read(ranges.get(i), false).isPresent();
            note(differences, valid, npm.path("valid").path(i).asBoolean(), "is a range: " + ranges.get(i));
        }
        for (int i = 0; i < PAIRS; i++) {
            String version = versions.get(pairs.path(i).path(0).asInt());
            String range = ranges.get(pairs.path(i).path(1).asInt());
            String next = versions.get(pairs.path((i + 1) % PAIRS).path(0).asInt());
            NpmVersion parsed = NpmVersion.parse(version).orElseThrow();
            note(
                    differences,
                    accepts(range, parsed, false),
                    npm.path("plain").path(i).asBoolean(),
                    version + " in " + range);
            note(
                    differences,
                    accepts(range, parsed, true),
                    npm.path("inclusive").path(i).asBoolean(),
                    version + " with prereleases in " + range);
            int order = Integer.signum(parsed.compareTo(NpmVersion.parse(next).orElseThrow()));
            note(differences, order, npm.path("order").path(i).asInt(), version + " compared with " + next);
        }
        assertThat(differences).isEmpty();
        assertThat(ranges).hasSizeGreaterThan(100);
        assertThat(versions).hasSizeGreaterThan(1_000);
        assertThat(npm.path("plain")).hasSize(PAIRS);
    }

    private static void note(List<String> differences, Object ours, Object npms, String what) {
        if (!ours.equals(npms)) {
            differences.add(what + ": " + ours + ", but npm says " + npms);
        }
    }

    private static boolean accepts(String range, NpmVersion version, boolean includePrereleases) {
        return read(range, includePrereleases)
                .filter(read -> read.accepts(version))
                .isPresent();
    }

    private static Optional<NpmRange> read(String range, boolean includePrereleases) {
        try {
            return Optional.of(NpmRange.parse(range, includePrereleases));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private JsonNode npm(JsonNode input) throws Exception {
        Path in = Files.write(folder.resolve("in.json"), JSON.writeValueAsBytes(input));
        Path out = folder.resolve("out.json");
        Process process = new ProcessBuilder("node", "semver.cjs")
                .directory(Path.of(System.getProperty("interop.directory")).toFile())
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        return JSON.readTree(out.toFile());
    }
}
