package io.alldocs.cli.names;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The package names in a JSON document: an array of names, a {@code package.json}, or a {@code package-lock.json} of
 * any version. Elements of an array must be names. Dependencies that do not come from a registry are skipped, with a
 * note.
 */
final class NamesDocument {
    private static final List<String> DEPENDENCIES =
            List.of("dependencies", "devDependencies", "optionalDependencies", "peerDependencies");

    private static final String FOLDER = "node_modules/";

    private final Set<String> names = new LinkedHashSet<>();
    private final List<String> errors = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private boolean hasVersions;

    /**
     * Reads {@code document}. Errors in single elements are collected, not thrown.
     *
     * @throws IllegalArgumentException if {@code document} is of none of the three kinds; the message lists the kinds
     */
    NamesDocument(JsonNode document) {
        if (document instanceof ArrayNode array) {
            readArray(array);
        } else if (document.has("lockfileVersion") || document.path("packages").isObject()) {
            readLockfile(document);
        } else if (document.isObject() && DEPENDENCIES.stream().anyMatch(document::has)) {
            DEPENDENCIES.forEach(kind -> readDependencies(document.path(kind)));
        } else {
            throw new IllegalArgumentException(
                    "it is JSON, but neither an array of names, nor a package.json with dependencies, nor a"
                            + " package-lock.json");
        }
    }

    /** Returns the names, each once, in the order of the document. */
    Set<String> names() {
        return names;
    }

    /** Returns the errors, one for each invalid element. */
    List<String> errors() {
        return errors;
    }

    /**
     * Returns the dependencies that were skipped because they do not come from a registry, by the name under which they
     * are required.
     */
    List<String> skipped() {
        return skipped;
    }

    /** Returns whether versions, ranges or tags were ignored. */
    boolean hasVersions() {
        return hasVersions;
    }

    private void readArray(ArrayNode array) {
        for (int index = 0; index < array.size(); index++) {
            JsonNode element = array.get(index);
            String where = "element " + (index + 1) + ": ";
            if (!element.isTextual()) {
                errors.add(where + "Not a package name: " + element + ": it is not a string.");
                continue;
            }
            try {
                PackageSpec spec = PackageSpec.parse(element.textValue());
                hasVersions |= spec.hasVersion();
                names.add(spec.name());
            } catch (IllegalArgumentException e) {
                errors.add(where + e.getMessage());
            }
        }
    }

    private void readDependencies(JsonNode dependencies) {
        for (Map.Entry<String, JsonNode> dependency : dependencies.properties()) {
            add(dependency.getKey(), dependency.getKey(), dependency.getValue().asText(""));
        }
    }

    private void readLockfile(JsonNode document) {
        if (document.path("packages").isObject()) {
            for (Map.Entry<String, JsonNode> entry : document.path("packages").properties()) {
                readLockedPackage(entry.getKey(), entry.getValue());
            }
        } else {
            readNested(document.path("dependencies"));
        }
    }

    /**
     * Reads an entry of a lockfile of version 2 or 3, where keys are folders. The empty key is the project; keys
     * without node_modules are its workspaces.
     */
    private void readLockedPackage(String folder, JsonNode locked) {
        int last = folder.lastIndexOf(FOLDER);
        if (last < 0) {
            return;
        }
        String key = folder.substring(last + FOLDER.length());
        if (locked.path("link").asBoolean(false)) {
            skipped.add(key);
        } else {
            add(
                    key,
                    locked.path("name").asText(key),
                    locked.path("resolved").asText(""),
                    locked.path("version").asText(""));
        }
    }

    /** Reads the dependencies of a lockfile of version 1, which are nested. */
    private void readNested(JsonNode dependencies) {
        for (Map.Entry<String, JsonNode> dependency : dependencies.properties()) {
            JsonNode locked = dependency.getValue();
            add(dependency.getKey(), dependency.getKey(), locked.path("version").asText(""));
            readNested(locked.path("dependencies"));
        }
    }

    /**
     * Adds a locked dependency. Its resolved address is the address of a registry's tarball, a git address, or a file.
     */
    private void add(String key, String name, String resolved, String version) {
        boolean isTarball = resolved.startsWith("http://") || resolved.startsWith("https://");
        if (!resolved.isEmpty() && !isTarball) {
            skipped.add(key);
        } else {
            add(key, name, isTarball ? "" : version);
        }
    }

    private void add(String key, String name, String wanted) {
        if (!PackageSpec.isFromARegistry(wanted)) {
            skipped.add(key);
            return;
        }
        try {
            PackageSpec spec = PackageSpec.ofDependency(name, wanted);
            hasVersions = true;
            names.add(spec.name());
        } catch (IllegalArgumentException e) {
            errors.add(key + ": " + e.getMessage());
        }
    }
}
