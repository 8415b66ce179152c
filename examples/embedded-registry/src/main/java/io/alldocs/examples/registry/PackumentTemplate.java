package io.alldocs.examples.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * A real packument, split at every occurrence of its own name and at other variable values. These places are slots. The
 * parts between the slots are constant. The values of the slots are inserted when the document is requested. The full
 * form has all fields of the official one; the abbreviated form keeps the fields that an installer reads (<a
 * href="https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md">package-metadata.md</a>).
 */
final class PackumentTemplate {
    /** The values that differ between two documents of one template. */
    enum Slot {
        /** The name, escaped for JSON. */
        NAME,
        /** The name's path within a tarball URL. */
        PATH,
        /** The name without its scope, for a tarball's file name. */
        FILE,
        REVISION,
        MODIFIED,
        LATEST,
        /** Versions published since the registry started, each preceded by a comma. */
        MORE_VERSIONS,
        MORE_TIMES;

        /**
         * Returns the placeholder for this slot while the template is still JSON. It is a private-use character that
         * occurs in no template.
         */
        String mark() {
            return String.valueOf((char) (FIRST_MARK + number()));
        }

        /** Returns the index of this slot's value among the values of a document. */
        @SuppressWarnings("EnumOrdinal") // the values of a document are an array in the order of the slots
        int number() {
            return ordinal();
        }
    }

    private static final char FIRST_MARK = '\uE000';
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> INSTALL_FIELDS = Set.of(
            "name",
            "version",
            "deprecated",
            "dependencies",
            "optionalDependencies",
            "devDependencies",
            "bundleDependencies",
            "peerDependencies",
            "peerDependenciesMeta",
            "bin",
            "directories",
            "dist",
            "engines",
            "cpu",
            "os",
            "_hasShrinkwrap",
            "hasInstallScript");

    private final Instant lastPublished;
    private final String latest;
    private final Map<PackumentForm, SlottedText> texts = new EnumMap<>(PackumentForm.class);

    private PackumentTemplate(ObjectNode source) {
        latest = source.path("dist-tags").path("latest").asText();
        lastPublished = lastPublished(source.path("time"));
        ObjectNode named = withSlots(source);
        texts.put(PackumentForm.FULL, cut(full(named)));
        texts.put(PackumentForm.ABBREVIATED, cut(abbreviated(named)));
    }

    static PackumentTemplate load(String resource) {
        try (InputStream in = Resources.open("templates/" + resource + ".json.gz")) {
            return new PackumentTemplate((ObjectNode) JSON.readTree(new GZIPInputStream(in)));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the packument " + resource + " in the jar", e);
        }
    }

    Instant lastPublished() {
        return lastPublished;
    }

    String latest() {
        return latest;
    }

    SlottedText text(PackumentForm form) {
        return Objects.requireNonNull(texts.get(form));
    }

    private static Instant lastPublished(JsonNode time) {
        Instant last = Instant.EPOCH;
        for (JsonNode published : time) {
            Instant at = Instant.parse(published.asText());
            last = at.isAfter(last) ? at : last;
        }
        return last;
    }

    /** Returns the earliest time. The versions of some packuments are not in the order of their times. */
    private static Instant firstPublished(JsonNode time) {
        Instant first = Instant.MAX;
        for (JsonNode published : time) {
            Instant at = Instant.parse(published.asText());
            first = at.isBefore(first) ? at : first;
        }
        return first;
    }

    private static ObjectNode withSlots(ObjectNode source) {
        String name = source.path("name").asText();
        ObjectNode copy = source.deepCopy();
        copy.put("name", Slot.NAME.mark());
        for (JsonNode version : copy.path("versions")) {
            String number = version.path("version").asText();
            ((ObjectNode) version).put("name", Slot.NAME.mark());
            ((ObjectNode) version).put("_id", Slot.NAME.mark() + "@" + number);
            if (version.path("dist") instanceof ObjectNode dist) {
                dist.put("tarball", tarball(Slot.PATH.mark(), Slot.FILE.mark(), number));
            }
            if (version.path("homepage").asText().contains(name)) {
                ((ObjectNode) version).put("homepage", "https://www.npmjs.com/package/" + Slot.PATH.mark());
            }
        }
        return copy;
    }

    /**
     * Returns the path of a name. {@code @scope/name} keeps its {@code @} and slash. All other characters that a URL
     * does not allow are percent-encoded.
     */
    static String path(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%40", "@")
                .replace("%2F", "/");
    }

    /** Returns the name as the contents of a JSON string. */
    static String jsonInside(byte[] name) {
        return Database.text(
                new ByteWriter(name.length).putJson(name, 0, name.length).toByteArray());
    }

    static String tarball(String path, String file, String version) {
        return "https://registry.npmjs.com/" + path + "/-/" + file + "-" + version + ".tgz";
    }

    private ObjectNode full(ObjectNode named) {
        ObjectNode full = JSON.createObjectNode();
        full.put("_id", Slot.NAME.mark());
        full.put("_rev", Slot.REVISION.mark());
        full.put("name", Slot.NAME.mark());
        full.set("dist-tags", tags(named));
        full.set("versions", ((ObjectNode) named.path("versions").deepCopy()).put(Slot.MORE_VERSIONS.mark(), 0));
        full.set("time", times(named));
        full.putArray("maintainers").addObject().put("name", "maintainer").put("email", "maintainer@example.com");
        JsonNode newest = named.path("versions").path(latest);
        for (String field : List.of("description", "homepage", "keywords", "repository", "bugs", "license")) {
            if (newest.has(field)) {
                full.set(field, newest.path(field));
            }
        }
        full.put("readme", readme(newest.path("description").asText()));
        full.put("readmeFilename", "README.md");
        return full;
    }

    private ObjectNode abbreviated(ObjectNode named) {
        ObjectNode abbreviated = JSON.createObjectNode();
        abbreviated.put("name", Slot.NAME.mark());
        abbreviated.put("modified", Slot.MODIFIED.mark());
        abbreviated.set("dist-tags", tags(named));
        ObjectNode versions = abbreviated.putObject("versions");
        for (Map.Entry<String, JsonNode> version : named.path("versions").properties()) {
            ObjectNode kept = ((ObjectNode) version.getValue()).deepCopy();
            versions.set(version.getKey(), kept.retain(INSTALL_FIELDS));
        }
        versions.put(Slot.MORE_VERSIONS.mark(), 0);
        return abbreviated;
    }

    private ObjectNode tags(ObjectNode named) {
        ObjectNode tags = ((ObjectNode) named.path("dist-tags")).deepCopy();
        return tags.put("latest", Slot.LATEST.mark());
    }

    private static ObjectNode times(ObjectNode named) {
        ObjectNode time = JSON.createObjectNode();
        JsonNode published = named.path("time");
        time.put("created", firstPublished(published).toString());
        time.put("modified", Slot.MODIFIED.mark());
        time.setAll((ObjectNode) published);
        return time.put(Slot.MORE_TIMES.mark(), 0);
    }

    private static String readme(String description) {
        String name = Slot.NAME.mark();
        return "# " + name + "\n\n" + description + "\n\n## Install\n\n```sh\nnpm install " + name
                + "\n```\n\n## Usage\n\n```js\nconst it = require('" + name
                + "');\n```\n\n## License\n\nSee the field `license`.\n";
    }

    /** Splits the document at its slots. */
    private static SlottedText cut(ObjectNode document) {
        String text = document.toString();
        for (Slot room : List.of(Slot.MORE_VERSIONS, Slot.MORE_TIMES)) {
            text = text.replace(",\"" + room.mark() + "\":0", room.mark());
        }
        List<byte[]> constants = new ArrayList<>();
        List<Integer> slots = new ArrayList<>();
        int from = 0;
        for (int at = 0; at < text.length(); at++) {
            int slot = text.charAt(at) - FIRST_MARK;
            if (slot >= 0 && slot < Slot.values().length) {
                constants.add(text.substring(from, at).getBytes(StandardCharsets.UTF_8));
                slots.add(slot);
                from = at + 1;
            }
        }
        constants.add(text.substring(from).getBytes(StandardCharsets.UTF_8));
        return new SlottedText(constants, slots);
    }
}
