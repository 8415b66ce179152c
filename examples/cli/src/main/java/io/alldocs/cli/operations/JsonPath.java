package io.alldocs.cli.operations;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;

/**
 * Finds a value inside a JSON document by a path: a JSON Pointer ({@code /dist-tags/latest}, <a
 * href="https://www.rfc-editor.org/rfc/rfc6901">RFC 6901</a>), or names joined by dots ({@code dist-tags.latest}).
 * Names that contain dots, such as versions, are found too: {@code versions.1.0.0.dist}.
 */
final class JsonPath {
    private JsonPath() {}

    /** Returns the value at {@code path} in {@code document}; empty if there is none. */
    static Optional<JsonNode> find(JsonNode document, String path) {
        if (path.startsWith("/")) {
            return Optional.of(document.at(path)).filter(node -> !node.isMissingNode());
        }
        return findDotted(document, path);
    }

    private static Optional<JsonNode> findDotted(JsonNode node, String path) {
        if (path.isEmpty()) {
            return Optional.of(node);
        }
        if (node.isArray()) {
            return element(node, path);
        }
        JsonNode exact = node.get(path);
        if (exact != null) {
            return Optional.of(exact);
        }
        return node.properties().stream()
                .filter(member -> path.startsWith(member.getKey() + "."))
                .sorted((a, b) ->
                        Integer.compare(b.getKey().length(), a.getKey().length()))
                .map((Map.Entry<String, JsonNode> member) -> findDotted(
                        member.getValue(), path.substring(member.getKey().length() + 1)))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<JsonNode> element(JsonNode array, String path) {
        int dot = path.indexOf('.');
        String index = dot < 0 ? path : path.substring(0, dot);
        if (!index.matches("\\d{1,9}") || Integer.parseInt(index) >= array.size()) {
            return Optional.empty();
        }
        return findDotted(array.get(Integer.parseInt(index)), dot < 0 ? "" : path.substring(dot + 1));
    }
}
