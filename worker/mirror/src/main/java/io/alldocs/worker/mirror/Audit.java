package io.alldocs.worker.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.packument.DocumentJson;
import io.alldocs.packument.PackageName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;

/**
 * The body of a request of {@code npm audit} or a similar command. Names that must not be sent to the registry are
 * removed. They belong to another registry, or the filter of this mirror excludes them. Supports both formats: names
 * with versions ({@code advisories/bulk}), and a dependency tree ({@code audits}, {@code audits/quick}).
 */
final class Audit {
    /** Maximum decoded size; a tree in memory takes several times as much. */
    private static final int LARGEST_TEXT_BYTES = 8 << 20;

    /**
     * Maximum digits of a number. Parsing a number takes time quadratic in its digits, and an audit contains no long
     * numbers.
     */
    private static final int MAX_DIGITS = 100;

    private static final ObjectMapper JSON = new ObjectMapper(DocumentJson.factory()
            .rebuild()
            .streamReadConstraints(DocumentJson.factory()
                    .streamReadConstraints()
                    .rebuild()
                    .maxNumberLength(MAX_DIGITS)
                    .build())
            .build());

    private Audit() {}

    /** Thrown if a request cannot be parsed. The message is sent to the client. */
    static final class UnreadableException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnreadableException(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * Returns the body to send to the registry; empty if no names remain.
     *
     * @param gzip whether the body is compressed, as npm's is
     * @param asked whether a name may be sent to the registry
     * @throws UnreadableException if the body is not a JSON object, or is too large
     */
    static Optional<byte[]> forRegistry(byte[] body, boolean gzip, Predicate<String> asked) {
        try {
            JsonNode request = JSON.readTree(text(body, gzip));
            if (!(request instanceof ObjectNode object)) {
                throw new UnreadableException("An audit must be a JSON object");
            }
            boolean tree = object.path("requires").isObject()
                    || object.path("dependencies").isObject();
            if (tree) {
                removeFromTree(object, asked);
            } else {
                retain(object, asked);
            }
            boolean empty = tree
                    ? object.path("requires").isEmpty()
                            && object.path("dependencies").isEmpty()
                    : object.isEmpty();
            return empty ? Optional.empty() : Optional.of(JSON.writeValueAsBytes(object));
        } catch (IOException e) {
            throw new UnreadableException(
                    "The audit cannot be read: it is not JSON, or not compressed as its Content-Encoding says");
        }
    }

    private static byte[] text(byte[] body, boolean gzip) throws IOException {
        if (!gzip) {
            return body;
        }
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            byte[] text = in.readNBytes(LARGEST_TEXT_BYTES + 1);
            if (text.length > LARGEST_TEXT_BYTES) {
                throw new UnreadableException("The audit is larger than the limit of " + LARGEST_TEXT_BYTES + " bytes");
            }
            return text;
        }
    }

    /** Removes names from a tree. The tree may be deep, so it is traversed without recursion. */
    private static void removeFromTree(ObjectNode root, Predicate<String> asked) {
        if (!asked.test(root.path("name").asText("project"))) {
            root.remove("name"); // the project itself may belong to a scope that must not be sent
        }
        Deque<ObjectNode> nodes = new ArrayDeque<>();
        nodes.add(root);
        for (ObjectNode node = nodes.poll(); node != null; node = nodes.poll()) {
            if (node.get("requires") instanceof ObjectNode requires) {
                retain(requires, asked);
            }
            if (node.get("dependencies") instanceof ObjectNode dependencies) {
                retain(dependencies, asked);
                for (JsonNode dependency : dependencies) {
                    if (dependency instanceof ObjectNode inner) {
                        nodes.add(inner);
                    }
                }
            }
        }
    }

    private static void retain(ObjectNode byName, Predicate<String> asked) {
        for (Iterator<String> names = byName.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!isAsked(name, asked)) {
                names.remove();
            }
        }
    }

    private static boolean isAsked(String name, Predicate<String> asked) {
        try {
            return asked.test(PackageName.normalize(name));
        } catch (IllegalArgumentException e) {
            return true; // a project of a workspace: the root of pnpm's tree is "."
        }
    }
}
