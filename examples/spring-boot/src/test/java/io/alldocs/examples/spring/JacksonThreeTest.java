package io.alldocs.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.JsonTree;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Tests that Jackson 3, the JSON library of Spring Boot, accepts the JSON values of all-docs, which uses Jackson 2. */
class JacksonThreeTest {
    private static final JsonMapper JACKSON = JsonMapper.builder().build();

    private static final JsonTree TREE = JsonTree.parse("""
            {"name": "größe", "big": 123456789012345678901234567890, "half": 0.5, "list": [1, {"a": null}], "yes": true}
            """);

    /** A response of a controller that contains a tree. */
    record Response(String name, JsonTree packument, List<JsonTree> others) {}

    @Test
    void write_aTree_isItsJson() {
        assertThat(JACKSON.writeValueAsString(TREE)).isEqualTo(TREE.toString());
        assertThat(JACKSON.writeValueAsString(JsonTree.of(null))).isEqualTo("null");
        assertThat(JACKSON.writeValueAsString(Map.of("tree", JsonTree.of("text"))))
                .isEqualTo("{\"tree\":\"text\"}");
        assertThat(JACKSON.valueToTree(TREE).path("list").path(1).has("a")).isTrue();
    }

    @Test
    void read_aTree_isTheSame() {
        assertThat(JACKSON.readValue(TREE.toBytes(), JsonTree.class)).isEqualTo(TREE);
        Response response = new Response("a", TREE, List.of(JsonTree.of(1), JsonTree.of(List.of())));

        assertThat(JACKSON.readValue(JACKSON.writeValueAsString(response), Response.class))
                .isEqualTo(response);
    }

    @Test
    void parse_theBytesOfATree_isATreeOfJackson3() {
        assertThat(JACKSON.readTree(TREE.toBytes()).path("half").doubleValue()).isEqualTo(0.5);
        assertThat(JsonTree.parse(JACKSON.writeValueAsBytes(JACKSON.readTree(TREE.toBytes()))))
                .isEqualTo(TREE);
    }
}
