"""The static host of the explorers, in a real browser."""

from lecturekit.explorers import Explorer
from lecturekit.explorers.video_cube import VideoCube


def test_markup_in_the_state_stays_text(open_page, tmp_path):
    file = tmp_path / "hostile.html"
    text = "</script><script>document.title = 'run'</script> & “quotes” ` ${1}"

    class Bare(Explorer):
        name = VideoCube.name

    Bare._esm = (
        "export default { render({ model, el }) "
        "{ el.textContent = model.get('label') + model.get('description'); } };"
    )
    bare = Bare(label=text, description="plain")
    file.write_text(f"<!doctype html><title>t</title>{bare.to_html()}", encoding="utf-8")
    page = open_page(file)
    page.wait_for_function("document.querySelector('.lk-explorer').textContent.length > 9")
    assert page.text_content(".lk-explorer") == text + "plain"
    assert page.title() == "t"
