// Counts of the last minutes as small bars, by uPlot. Loaded when a page with plots is opened; what it shows is said in
// words beside it, so that the picture is only a picture.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { t } from './text';

const HEIGHT = 120;

function draw(box: HTMLElement, from: string, values: number[], colour: string) {
  const style = getComputedStyle(box);
  const dim = style.getPropertyValue('--dim').trim();
  const line = style.getPropertyValue('--line').trim();
  const start = Date.parse(from) / 1000;
  const minutes = values.map((_, i) => start + i * 60);
  const axis = { stroke: dim, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
  return new uPlot({
    width: box.clientWidth || 300, height: HEIGHT, legend: { show: false }, cursor: { show: false }, select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: { x: { time: true, range: [start, start + values.length * 60] }, y: { range: (_, __, most) => [0, Math.max(1, Math.ceil(most * 1.1))] } },
    axes: [{ ...axis, space: 70, values: '{HH}:{mm}' as unknown as uPlot.Axis.Values, size: 28 }, { ...axis, size: 44, space: 30, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4] }],
    series: [{}, { stroke: style.getPropertyValue(colour).trim(), fill: style.getPropertyValue(colour).trim(), width: 0, points: { show: false }, paths: uPlot.paths.bars!({ size: [0.8, 12], align: 1 }) }],
  }, [minutes, values], box);
}

export default function Plot({ title, from, values, colour }: { title: string; from: string; values: number[]; colour: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current === null) return;
    const place = box.current;
    let plot = draw(place, from, values, colour);
    const again = () => {
      plot.destroy();
      plot = draw(place, from, values, colour);
    };
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', again);
    const size = new ResizeObserver(() => { if (place.clientWidth !== plot.width && place.clientWidth > 0) plot.setSize({ width: place.clientWidth, height: HEIGHT }); });
    size.observe(place);
    return () => {
      scheme.removeEventListener('change', again);
      size.disconnect();
      plot.destroy();
    };
  }, [from, values, colour]);
  const total = values.reduce((sum, each) => sum + each, 0);
  return (
    <figure class="plot">
      <figcaption>{title} <small>{t.overview.total(total)}</small></figcaption>
      <div ref={box} class="picture" role="img" aria-label={t.overview.plot(title, total, Math.max(0, ...values))} />
    </figure>
  );
}
