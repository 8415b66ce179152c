package io.alldocs.cli.operations;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Formats a packument, or one version of it, as lines of text. Members of unexpected types are omitted without an
 * error.
 */
final class PackageText {
    private static final int LABEL_COLUMNS = 14;

    private final List<String> lines = new ArrayList<>();

    private PackageText() {}

    /** Returns lines about the package as a whole: description, tags, number of versions, dates. */
    static List<String> ofPackage(String name, JsonNode document) {
        PackageText text = new PackageText();
        text.lines.add(name);
        text.add("description", document.path("description"));
        text.add("homepage", document.path("homepage"));
        text.add("license", license(document.path("license")));
        text.addTags(document.path("dist-tags"));
        text.add("versions", Integer.toString(document.path("versions").size()));
        text.add("created", document.path("time").path("created"));
        text.add(
                "modified",
                document.path("time").has("modified")
                        ? document.path("time").path("modified")
                        : document.path("modified"));
        text.add("maintainers", people(document.path("maintainers")));
        return text.lines;
    }

    /** Returns lines about one version: dates, tarball, integrity, dependencies. */
    static List<String> ofVersion(String name, String version, JsonNode document) {
        JsonNode manifest = document.path("versions").path(version);
        PackageText text = new PackageText();
        text.lines.add(name + "@" + version);
        text.add("description", manifest.path("description"));
        text.add("license", license(manifest.path("license")));
        text.add("published", document.path("time").path(version));
        text.add("deprecated", manifest.path("deprecated"));
        text.add("tarball", manifest.path("dist").path("tarball"));
        text.add("integrity", manifest.path("dist").path("integrity"));
        text.add("shasum", manifest.path("dist").path("shasum"));
        for (String kind : List.of("dependencies", "optionalDependencies", "peerDependencies")) {
            text.addDependencies(kind, manifest.path(kind));
        }
        return text.lines;
    }

    private static String license(JsonNode license) {
        return license.isObject() ? license.path("type").asText("") : license.asText("");
    }

    private static String people(JsonNode people) {
        List<String> names = new ArrayList<>();
        people.forEach(person -> names.add(
                person.isTextual() ? person.asText() : person.path("name").asText("")));
        return names.stream().filter(name -> !name.isBlank()).collect(Collectors.joining(", "));
    }

    private void addTags(JsonNode tags) {
        for (Map.Entry<String, JsonNode> tag : tags.properties()) {
            add("dist-tag", tag.getKey() + " " + tag.getValue().asText());
        }
    }

    private void addDependencies(String kind, JsonNode dependencies) {
        if (dependencies.isObject() && !dependencies.isEmpty()) {
            lines.add("  " + kind);
            dependencies
                    .properties()
                    .forEach(each -> lines.add("    " + printable(each.getKey()) + " "
                            + printable(each.getValue().asText())));
        }
    }

    private void add(String label, JsonNode value) {
        add(label, value.isTextual() || value.isNumber() ? value.asText() : "");
    }

    private void add(String label, String value) {
        if (!value.isBlank()) {
            lines.add("  " + label + " ".repeat(Math.max(1, LABEL_COLUMNS - label.length())) + printable(value));
        }
    }

    /** Replaces control characters, which could move the cursor or change colours of the terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ").strip();
    }
}
